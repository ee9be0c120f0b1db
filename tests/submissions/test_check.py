"""A check of a request file finds what ails it, and cuts it into batches to the byte."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.domain.errors import RequestFileError
from batchtui.domain.job import Part
from batchtui.settings.prices import load_prices
from batchtui.settings.schema import Settings
from batchtui.simulator.envelope import decode, open_envelope
from batchtui.simulator.params import NEW_VERSION, check_params
from batchtui.submissions import estimate, lines
from batchtui.submissions.body import Body
from batchtui.submissions.check import check
from batchtui.submissions.checked import Checked, Group, Limits, Progress
from batchtui.submissions.quick import accept
from batchtui.submissions.shapes import native, read_request

PARAMS: dict[str, object] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 16,
    "messages": [{"role": "user", "content": "Hello, and good-bye"}],
}
CHAT = {"method": "POST", "url": "/v1/chat/completions"}


def line(custom_id: object, **params: object) -> bytes:
    return json.dumps({"custom_id": custom_id, "params": PARAMS | params}).encode()


def many(count: int) -> list[bytes]:
    return [line(f"r-{number}") for number in range(count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "requests.jsonl"


def checked(path: Path, data: bytes | Iterable[bytes], **limits: int) -> Checked:
    path.write_bytes(data if isinstance(data, bytes) else b"\n".join(data) + b"\n")
    return check(path, Limits(**limits))


def told(groups: Iterable[Group]) -> list[str]:
    """Each group as a line: how many, what, which lines."""
    return [f"{each.count}: {each.words} {[where.line for where in each.first]}" for each in groups]


def body(path: Path, part: Part) -> bytes:
    return b"".join(Body(path, part).blocks())


def test_a_good_file(path: Path) -> None:
    data = b"\n".join([*many(300), line("other", model="claude-opus-5", max_tokens=20)]) + b"\n"
    found = checked(path, data)
    assert found.ok
    assert found.warnings == ()
    assert (found.requests, found.size, found.blank_lines) == (301, len(data), 0)
    assert found.shapes == {"native": 301}
    assert found.models == {"claude-haiku-4-5": 300, "claude-opus-5": 1}
    assert found.digest == hashlib.blake2b(data, digest_size=16).digest()
    assert found.parts == (
        Part(
            number=1,
            round=0,
            start=0,
            stop=len(data),
            first_line=1,
            requests=301,
            size=len(data) + 14,
            digest=found.digest,
        ),
    )
    assert body(path, found.parts[0]) == b'{"requests":[' + data[:-1].replace(b"\n", b",") + b"]}"
    assert found.estimate.output == 300 * 16 + 20


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "1: There are no requests in it []"),
        (b"\xef\xbb\xbf", "1: There are no requests in it []"),
        (b"\n \r\n", "1: There are no requests in it []"),
        (line("a") + b"\n" + line("b")[:-9], "1: is not JSON: it breaks off [2]"),
        (line("a") + b"\nhello\n", "1: is not JSON: invalid character [2]"),
        (line("a") + b"\0\n", "1: holds NUL bytes, as text in UTF-16 does; it must be UTF-8 [1]"),
        (line("a") + b"\n" + line("a"), "1: custom_id is used more than once [2]"),
        (
            line("a") + b"\n" + line("b", x="\xff").replace(b"\\u00ff", b"\xff"),
            "1: is not UTF-8 [2]",
        ),
        (line("a") + b",\n" + line("b"), "1: is not JSON: trailing characters [1]"),
        (line("a") + line("b") + b"\n\n", "1: is not JSON: trailing characters [1]"),
        (b'{"custom_id":\n"a"}\n', "1: is not JSON: it breaks off [1]"),
    ],
)
def test_a_file_that_cannot_be_sent(path: Path, data: bytes, problem: str) -> None:
    found = checked(path, data)
    assert not found.ok
    assert problem in told(found.problems)


def test_text_in_utf_16_is_called_that(path: Path) -> None:
    found = checked(path, line("a").decode().encode("utf-16"))
    assert told(found.problems) == [
        "1: holds NUL bytes, as text in UTF-16 does; it must be UTF-8 [1]"
    ]


def test_problems_are_grouped_named_and_counted(path: Path) -> None:
    good, bad = many(50), [line(f"x-{n}", max_tokens=0) for n in range(40)]
    messages = [{"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text"}]}]
    odd = line("odd", messages=[{"role": "user", "content": "Hi"}] * 3 + messages, stream=True)
    found = checked(path, [*good, *bad, odd])
    assert told(found.problems) == [
        "40: params.max_tokens must be 1 or more in a batch [51, 52, 53, 54, 55]",
        "1: params.messages.*.content.*.text is missing [91]",
        "1: params.stream cannot be used in a batch [91]",
    ]
    first, where = found.problems[0].first[0], found.problems[1].first[0]
    assert (first.custom_id, first.field) == ("x-0", "params.max_tokens")
    assert where.field == "params.messages.3.content.1.text"


def test_endless_kinds_of_problems_take_little_memory(path: Path) -> None:
    extra = [{"custom_id": f"a{n}", "params": PARAMS, f"field-{n}": 1} for n in range(400)]
    found = checked(path, [json.dumps(each).encode() for each in extra])
    assert len(found.problems) == 201
    assert sum(each.count for each in found.problems) == 400


def test_a_model_that_is_not_known_is_a_warning(path: Path) -> None:
    found = checked(path, [line(f"a{n}", model="claude-next") for n in range(300)])
    assert found.ok
    assert told(found.warnings) == ["300: model claude-next is not known here []"]
    assert found.estimate.cost(load_prices(Settings())).unpriced == {"claude-next": 300}


@pytest.mark.parametrize("gap", [1, 900_000])
def test_the_same_id_twice_is_found_however_far_apart(path: Path, gap: int) -> None:
    ids = [*(f"id-{n}" for n in range(gap)), "id-0", *(f"x{n}" for n in range(9)), "id-0"]
    form = line("ID").decode()
    found = checked(path, (form.replace("ID", each).encode() for each in ids))
    (group,) = found.problems
    assert group.count == 2
    assert [(each.line, each.like) for each in group.first] == [(gap + 1, 1), (gap + 11, 1)]
    assert {each.custom_id for each in group.first} == {"id-0"}


def test_very_many_repeated_ids_are_counted(path: Path) -> None:
    ids = [f"{n}" for n in range(11_000)] * 2
    (group,) = checked(path, map(line, ids)).problems
    assert group.count == 11_000
    assert group.first[0].like


def test_ids_made_of_line_numbers_must_not_meet_others(path: Path) -> None:
    plain = json.dumps(PARAMS).encode()
    assert checked(path, [plain, plain]).ok
    (group,) = checked(path, [plain, plain, line("line-2")]).problems
    assert [(each.line, each.like) for each in group.first] == [(3, 2)]


def test_it_is_cut_by_the_number_of_requests(path: Path) -> None:
    found = checked(path, many(1000), requests=300)
    assert [part.requests for part in found.parts] == [300, 300, 300, 100]
    assert [part.first_line for part in found.parts] == [1, 301, 601, 901]
    assert [part.number for part in found.parts] == [1, 2, 3, 4]


def test_it_is_cut_as_late_as_the_bytes_of_the_body_allow(path: Path) -> None:
    rows = [line(f"{n:04}") for n in range(900)]
    width = len(rows[0])
    exact = 15 + 250 * width + 249
    assert [part.requests for part in checked(path, rows, bytes=exact).parts] == [
        250,
        250,
        250,
        150,
    ]
    fewer = checked(path, rows, bytes=exact - 1)
    assert [part.requests for part in fewer.parts] == [249, 249, 249, 153]
    assert [part.size for part in fewer.parts[:1]] == [exact - width - 1]


def test_a_line_larger_than_a_batch_is_refused(path: Path) -> None:
    found = checked(path, [line("a"), line("b", x="y" * 900), line("c")], bytes=900)
    assert told(found.problems) == ["1: is larger than a batch may be (900 B) [2]"]
    assert checked(path, [line("a")], bytes=15 + len(line("a"))).ok
    assert not checked(path, [line("a")], bytes=14 + len(line("a"))).ok


def test_a_line_that_is_far_too_long_is_never_held(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST", 10_000)
    monkeypatch.setattr(lines, "_READ", 4_000)
    monkeypatch.setattr(lines, "PIECE", 1_000)
    long = line("long", x="y" * 30_000)
    found = checked(path, [line("a"), long, line("b"), line("c", x="y" * 8_000), long[:-1]])
    assert [(each.count, each.first[0].line) for each in found.problems] == [(2, 2)]
    assert found.requests == 5
    assert found.digest == hashlib.blake2b(path.read_bytes(), digest_size=16).digest()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_and_a_byte_order_mark_are_no_reason_to_rewrite(
    path: Path, end: bytes, bom: bytes, last: bool
) -> None:
    data = bom + end.join(many(400)) + (end if last else b"")
    found = checked(path, data, requests=150)
    assert found.ok
    assert [part.verbatim for part in found.parts] == [True, True, True]
    assert [part.requests for part in found.parts] == [150, 150, 100]
    assert found.digest == hashlib.blake2b(data, digest_size=16).digest()
    for part in found.parts:
        sent = body(path, part)
        assert len(sent) == part.size
        assert len(open_envelope(sent)) == part.requests


def test_blank_lines_are_passed_over(path: Path) -> None:
    found = checked(path, [b"", *many(3), b" \r", line("x"), b"", b""])
    assert found.ok
    assert (found.requests, found.blank_lines) == (4, 4)
    (part,) = found.parts
    assert not part.verbatim
    assert part.first_line == 2
    assert len(body(path, part)) == part.size
    (part,) = checked(path, [b"", *many(3), b"", b""]).parts
    assert part.verbatim
    assert body(path, part).count(b"custom_id") == 3


def test_shapes_may_be_mixed(path: Path) -> None:
    chat = json.dumps(CHAT | {"custom_id": "c", "body": PARAMS}).encode()
    found = checked(path, [*many(3), chat, json.dumps(PARAMS).encode()], requests=3)
    assert found.ok
    assert found.shapes == {"native": 3, "plain": 1, "openai": 1}
    assert [part.verbatim for part in found.parts] == [True, False]
    sent = [submission for part in found.parts for submission in open_envelope(body(path, part))]
    assert [each.custom_id for each in sent] == ["r-0", "r-1", "r-2", "c", "line-5"]
    assert all(decode(each.params) == PARAMS for each in sent)
    assert [len(body(path, part)) for part in found.parts] == [each.size for each in found.parts]


def test_a_directory_is_no_request_file(tmp_path: Path) -> None:
    with pytest.raises(RequestFileError, match="is a directory"):
        check(tmp_path)


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(RequestFileError, match="is not there"):
        check(path)


def test_a_pipe_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(RequestFileError, match="more than once"):
        check(path)


@pytest.mark.parametrize("change", [os.truncate, lambda path, _: os.utime(path)])
def test_a_file_that_changes_meanwhile_is_not_trusted(
    path: Path, change: Callable[[Path, int], object]
) -> None:
    path.write_bytes(b"\n".join(many(30_000)))
    os.utime(path, ns=(0, 0))

    def meddle(progress: Progress) -> None:
        change(path, 1000)

    with pytest.raises(RequestFileError, match="written to while it was read"):
        check(path, on_progress=meddle)


def test_progress_is_told_and_can_end_it(path: Path) -> None:
    class StopError(Exception):
        pass

    path.write_bytes(b"\n".join([*many(50_000), line("r-0")]))
    seen: list[Progress] = []
    check(path, on_progress=seen.append)
    assert [each.bytes for each in seen if not each.again] == sorted(
        {each.bytes for each in seen if not each.again}
    )
    assert {each.of for each in seen} == {path.stat().st_size}
    assert [each.again for each in seen] == sorted(each.again for each in seen)
    assert seen[-1].again

    def stop(progress: Progress) -> None:
        raise StopError

    with pytest.raises(StopError):
        check(path, on_progress=stop)


def test_the_estimate_spans_what_may_be(path: Path) -> None:
    prices = load_prices(Settings())
    text = "The quick brown fox jumps over the lazy dog. " * 100  # about 1,000 tokens
    found = checked(
        path, [line(f"a{n}", messages=[{"role": "user", "content": text}]) for n in range(10)]
    )
    assert found.estimate.low <= 10_000 <= found.estimate.high
    cost = found.estimate.cost(prices)
    price = prices.price("claude-haiku-4-5", 1000)
    assert price is not None
    assert cost.low == pytest.approx(found.estimate.low * price.input / 1e6)
    assert cost.high == pytest.approx(
        (found.estimate.high * price.input + 160 * price.output) / 1e6
    )


def test_long_prompts_are_estimated_at_their_own_price(path: Path) -> None:
    prices = load_prices(Settings())
    short, long = prices.models["claude-haiku-5-5"]
    prompt = [{"role": "user", "content": "x" * 600_000}]
    found = checked(path, [line("a", model="claude-haiku-5-5", messages=prompt)])
    cost = found.estimate.cost(prices)
    assert cost.low == pytest.approx(found.estimate.low * long.input / 1e6)
    assert long.input > short.input
    assert lines.PIECE <= estimate.SHORT


def test_attachments_are_not_read_as_text(path: Path) -> None:
    blocks = [
        {"type": "document", "source": {"type": "base64", "data": "J" * 90_000}},
        {"type": "image", "source": {"type": "base64", "data": "i" * 90_000}},
        {"type": "text", "text": "What is in these?"},
    ]
    found = checked(path, [line("a", messages=[{"role": "user", "content": blocks}])])
    assert found.ok
    assert 1_500 < found.estimate.low < found.estimate.high < 20_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)
WORD = st.text(min_size=1, max_size=3)
GOOD_BLOCK = st.fixed_dictionaries({"type": st.just("text"), "text": WORD}, optional={"x": JSON})
CALLS = st.lists(
    st.fixed_dictionaries({"type": st.just("tool_use"), "input": JSON})
    | st.fixed_dictionaries({"type": st.just("thinking"), "thinking": WORD})
    | st.fixed_dictionaries(
        {"type": st.just("tool_result"), "content": st.text(max_size=2) | st.lists(GOOD_BLOCK)}
    ),
    min_size=1,
    max_size=2,
)
BLOCK = GOOD_BLOCK | st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "document", "image"])},
    optional={"text": st.text(max_size=1), "citations": st.lists(JSON, max_size=1)},
)
GOOD_MESSAGE = st.fixed_dictionaries(
    {
        "role": st.just("user"),
        "content": WORD | st.lists(GOOD_BLOCK, min_size=1, max_size=2) | CALLS,
    }
)
MESSAGE = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "assistant", "system", "tool"]),
        "content": st.text(max_size=3) | st.lists(BLOCK, max_size=2) | JSON,
    }
)
GOOD_PARAMS = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["claude-haiku-4-5", "claude-opus-5"]),
        "max_tokens": st.integers(1, 64_000),
        "messages": st.lists(GOOD_MESSAGE, min_size=1, max_size=2),
    },
    optional={"stream": st.just(False), "system": WORD, "tools": st.lists(JSON, max_size=1)},
)
ODD_PARAMS = st.one_of(
    st.fixed_dictionaries({"messages": st.lists(MESSAGE, max_size=3)}),
    st.fixed_dictionaries({"max_tokens": st.integers(-1, 70_000) | JSON}),
    st.dictionaries(
        st.sampled_from(["stream", "speed", "temperature", "system", "thinking", "tools", "x"]),
        JSON | st.lists(BLOCK, max_size=1),
        max_size=1,
    ),
)
PARAMS_OF = st.builds(lambda good, odd: good | odd, GOOD_PARAMS, ODD_PARAMS)
ID = st.from_regex(r"[a-z]{1,3}", fullmatch=True)
REQUEST = (
    st.fixed_dictionaries({"custom_id": ID, "params": GOOD_PARAMS})
    | st.fixed_dictionaries({"custom_id": ID, "params": PARAMS_OF})
    | st.fixed_dictionaries({"custom_id": JSON, "params": PARAMS_OF}, optional={"note": JSON})
)
TEXT = st.builds(
    lambda value, escape: json.dumps(value, ensure_ascii=escape).encode("utf-8", "surrogatepass"),
    REQUEST,
    st.booleans(),
)


@settings(max_examples=400)
@given(TEXT)
def test_what_is_accepted_quickly_has_no_problem(text: bytes) -> None:
    if accept(text):
        assert read_request(text, 1).problems == ()
        assert native(text, 1) == text


@settings(max_examples=400)
@given(TEXT)
def test_what_passes_passes_the_api(text: bytes) -> None:
    if read_request(text, 1).problems:
        return
    (submission,) = open_envelope(b'{"requests":[%b]}' % native(text, 1))
    assert check_params(decode(submission.params), version=NEW_VERSION) is None


@given(
    st.lists(TEXT | st.binary(max_size=30) | st.sampled_from([b"", b" ", line("z")]), max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
    st.integers(1, 4),
    st.integers(200, 900),
)
def test_whatever_a_file_holds_its_parts_tile_it(
    texts: list[bytes], end: bytes, requests: int, size: int
) -> None:
    data = end.join(texts)
    with TemporaryDirectory() as directory:
        path = Path(directory) / "requests.jsonl"
        path.write_bytes(data)
        found = check(path, Limits(requests, size))
        assert found.digest == hashlib.blake2b(data, digest_size=16).digest()
        assert sum(part.requests for part in found.parts) == found.requests
        behind = 0
        for part in found.parts:
            assert not data[behind : part.start].removeprefix(b"\xef\xbb\xbf").strip(lines.BLANK)
            behind = part.stop
            stretch = data[part.start : part.stop]
            assert part.first_line == data[: part.start].count(b"\n") + 1
            assert part.digest == hashlib.blake2b(stretch, digest_size=16).digest()
            assert part.requests <= requests
            if found.ok:
                assert part.size <= size
                assert len(open_envelope(body(path, part))) == part.requests
        assert not data[behind:].removeprefix(b"\xef\xbb\xbf").strip(lines.BLANK)


PEAK = """
import resource, sys
from pathlib import Path
from batchtui.submissions.check import check
check(Path(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_file(path: Path) -> None:
    def peak(text: str, count: int) -> int:
        with path.open("wb") as file:
            for number in range(count):
                file.write(line(f"r-{number}", x=text) + b"\n")
        command = [sys.executable, "-c", PEAK, str(path)]
        return int(subprocess.run(command, capture_output=True, check=True).stdout)

    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    grown = peak("x" * 2_000, 20_000) - peak("x", 10)
    assert grown < 40 * unit, "40 MB of requests, and the buffers to read them"
    assert resource.RUSAGE_SELF == 0
