"""The words, tables and plots that say what became of many batches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec
import pytest
from textual.content import Content

from batchtui.domain.batch import Outcome, RequestCounts
from batchtui.domain.calendar import Days, Unit
from batchtui.domain.insight import Figures, Insight, ModelFigures, Stretch, Told
from batchtui.domain.pricing import Cost
from batchtui.ui.presenters.insight import (
    RANGES,
    choice_line,
    model_cells,
    plot_titles,
    stretch_cells,
    sums,
)
from batchtui.ui.presenters.insight_models import drawing_by_model
from batchtui.ui.presenters.insight_plot import MEASURES, drawing, legend
from tests.conftest import NOON

TODAY = NOON.date()
WIDTHS = {"name": 20, "batches": 7, "ok": 6, "errored": 6, "input": 6, "cost": 9}
BY_TITLE = {each.title: each for each in MEASURES}
KNOWN = Figures(
    3,
    {Outcome.SUCCEEDED: 2, Outcome.CANCELED: 1},
    RequestCounts(succeeded=90, errored=10),
    60.0,
    120.0,
    {Told.KNOWN: 3},
    14_200_000,
    610_000,
    Cost(34.81, priced=90),
)
UNKNOWN = Figures(
    2,
    {Outcome.SUCCEEDED: 1, Outcome.RUNNING: 1},
    RequestCounts(succeeded=40, processing=10),
    60.0,
    60.0,
    {Told.FETCHABLE: 1, Told.RUNNING: 1},
)
BOTH = Figures(
    5,
    {Outcome.SUCCEEDED: 3, Outcome.CANCELED: 1, Outcome.RUNNING: 1},
    RequestCounts(succeeded=130, errored=10, processing=10),
    60.0,
    120.0,
    {Told.KNOWN: 3, Told.FETCHABLE: 1, Told.RUNNING: 1},
    14_200_000,
    610_000,
    Cost(34.81, priced=90),
)
DAYS = Days(TODAY - timedelta(days=1), TODAY)


def insight(*figures: Figures, total: Figures = BOTH) -> Insight:
    days = Days(TODAY - timedelta(days=len(figures) - 1), TODAY)
    stretches = tuple(
        Stretch(days.first + timedelta(days=place), each) for place, each in enumerate(figures)
    )
    return Insight(days, Unit.DAY, stretches, (), total, ("msgbatch_1",))


def texts(cells: object) -> list[str]:
    assert isinstance(cells, list)
    return [each.plain if isinstance(each, Content) else each for each in cells]


def shown(lines: list[Content]) -> str:
    return "\n".join(each.plain for each in lines)


def test_tables_say_what_is_not_known() -> None:
    known = model_cells(ModelFigures("claude-haiku-4-5", KNOWN), WIDTHS)
    assert texts(known) == ["claude-haiku-4-5", "3", "90%", "10", "14M", "$34.81"]
    unknown = stretch_cells(Stretch(TODAY, UNKNOWN), "Mon 23 Nov", WIDTHS)
    assert texts(unknown) == ["Mon 23 Nov", "2", "100%", "", "·", "·"]
    nobody = model_cells(ModelFigures(None, UNKNOWN), WIDTHS)
    assert texts(nobody)[0] == "not known"


def test_a_number_is_said_in_short_where_it_would_be_cut() -> None:
    many = msgspec.structs.replace(
        KNOWN, batches=126_081, counts=RequestCounts(succeeded=118_000_000, errored=8_136_000)
    )
    widths = {"name": 20, "batches": 7, "requests": 9, "errored": 7, "expired": 6}
    cells = texts(stretch_cells(Stretch(TODAY, many), "Mon 23 Nov", widths))
    assert cells == ["Mon 23 Nov", "126,081", "126M", "8.1M", ""]


def test_names_of_models_are_foreign() -> None:
    cells = texts(model_cells(ModelFigures("[@click=x]\x1b[31m", KNOWN), WIDTHS))
    assert cells[0] == "[@click=x]\ufffd[31m"
    assert texts(model_cells(ModelFigures("", KNOWN), WIDTHS))[0] == "no name"


def test_the_sums_say_of_how_many_batches_they_are() -> None:
    lines = sums(insight(KNOWN, UNKNOWN), "f", 120)
    assert shown(lines) == (
        "150 requests · 92% OK · median 1m, nine in ten 2m"
        " · tokens in ≥14M · out ≥610k · cost ≥$34.81\n"
        "5 batches · 1 ● running · 3 ✓ succeeded · 1 ⊘ canceled\n"
        "Tokens and cost are those of 3 of 5 batches: "
        "results of 1 can be fetched (f); 1 still runs."
    )


def test_sums_are_brief_where_there_is_little_room() -> None:
    lines = sums(insight(KNOWN, UNKNOWN), "f", 40)
    assert all(each.cell_length <= 40 for each in lines)
    assert "1 ⊘" in shown(lines)
    assert "canceled" not in shown(lines)
    assert sums(insight(Figures(), total=Figures()), "f", 40) == []


def test_places_of_the_choice_can_be_clicked() -> None:
    line = choice_line(30, MEASURES[0], 120)
    text = line.content.plain
    assert line.content.cell_length == 120
    assert "▏30 days▕" in text
    assert "▏Requests▕" in text
    assert line.place_at(text.index("90 days")) == 2
    assert line.place_at(text.index("Cost")) == len(RANGES) + len(MEASURES) - 1
    assert "Cost" not in choice_line(30, MEASURES[0], 79).content.plain


def test_every_measure_is_plotted_in_its_room() -> None:
    for measure in MEASURES:
        for width, height in ((110, 16), (70, 7), (30, 5)):
            lines = drawing(insight(KNOWN, UNKNOWN), measure, TODAY, width, height)
            assert len(lines) == height
            assert all(each.cell_length <= width for each in lines)
            assert "▲" in shown(lines)


def test_the_plot_marks_what_is_known_in_part_or_not_at_all() -> None:
    found = insight(KNOWN, UNKNOWN, BOTH)
    axis = {
        title: drawing(found, BY_TITLE[title], None, 60, 8)[-2].plain
        for title in ("Requests", "Tokens in", "Cost")
    }
    assert "≥" not in axis["Requests"]
    assert axis["Cost"].count("≥") == axis["Tokens in"].count("≥") == 1
    assert axis["Cost"].count("·") == 1
    assert "≥ at least" in legend(found, BY_TITLE["Cost"]).plain
    assert not legend(insight(KNOWN, total=KNOWN), BY_TITLE["Cost"])


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (1158, "$1.2k"),
        (34.81, "$40"),
        (2.3, "$2.40"),
        (0.011, "1.2¢"),
        (0.0004, ".04¢"),
        (1e-7, ".01¢"),
    ],
)
def test_an_axis_has_figures_for_any_cost(usd: float, words: str) -> None:
    cheap = msgspec.structs.replace(KNOWN, cost=Cost(usd, priced=90))
    lines = drawing(insight(cheap, total=cheap), BY_TITLE["Cost"], None, 60, 8)
    assert lines[1].plain.startswith(f"{words:>5} ┤")


MODELS = (
    ModelFigures("claude-opus-4-5", KNOWN),
    ModelFigures("[@click=x]\x1b[31m", msgspec.structs.replace(KNOWN, cost=Cost(3.0, priced=90))),
    ModelFigures("claude-preview", msgspec.structs.replace(KNOWN, cost=Cost(unpriced={"x": 90}))),
    ModelFigures(None, UNKNOWN),
)


def by_model(title: str, width: int = 70, height: int = 9) -> list[str]:
    found = msgspec.structs.replace(insight(KNOWN, UNKNOWN), models=MODELS)
    lines = drawing_by_model(found, BY_TITLE[title], width, height)
    assert len(lines) <= height
    assert all(each.cell_length <= width for each in lines)
    return [each.plain.rstrip() for each in lines]


def test_bars_of_models_are_as_long_as_their_figures() -> None:
    assert by_model("Cost", 45, 4) == [
        "  claude-opus-4-5  █████████████████ $34.81",
        "  [@click=x]\ufffd[31m  █▌ $3.00",
        "  claude-preview   ·",
        "  not known        ·",
    ]
    assert by_model("Requests", 50, 9)[7] == "  not known        ████████████▌ 50"


def test_each_bar_of_a_model_says_its_figure() -> None:
    assert by_model("Outcomes")[1].endswith("▓▓▓ 90% OK")
    assert by_model("Outcomes")[7].endswith("░ 100% OK so far")
    assert by_model("Duration")[1].endswith("░ 1m, nine in ten 2m")
    assert by_model("Tokens in")[1].endswith("█ 14M")


def test_of_too_many_models_it_is_said_how_many_more_there_are() -> None:
    assert by_model("Cost", 44, 3)[-1] == "  and 2 more"
    assert by_model("Cost", 44, 2)[-1] == "  and 3 more"
    for measure in BY_TITLE:
        for width, height in ((110, 16), (30, 5), (8, 2), (1, 1), (20, 0)):
            by_model(measure, width, height)


def test_figures_stand_above_the_columns_where_there_is_room() -> None:
    found = insight(KNOWN, UNKNOWN, BOTH, total=BOTH)
    said = {title: shown(drawing(found, BY_TITLE[title], None, 60, 8)) for title in BY_TITLE}
    assert "90% OK" in said["Outcomes"]
    assert "1m–2m" in said["Duration"]
    assert "1m–1m" not in said["Duration"]
    assert " $34.81 " in said["Cost"]
    assert "≥$34.81" in said["Cost"]
    assert "≥$34.81" not in shown(drawing(found, BY_TITLE["Cost"], None, 28, 8))
    assert "≥$34.81" not in shown(drawing(found, BY_TITLE["Cost"], None, 60, 4))


def test_outcomes_differ_by_their_signs() -> None:
    plotted = shown(drawing(insight(KNOWN, UNKNOWN), BY_TITLE["Outcomes"], None, 60, 12))
    for sign in "█▓░":
        assert sign in plotted
        assert sign in legend(insight(KNOWN), BY_TITLE["Outcomes"]).plain


def test_a_plot_of_nothing_says_why() -> None:
    nothing = insight(Figures(), total=Figures())
    unknown = insight(UNKNOWN, total=UNKNOWN)
    assert "No batches" in shown(drawing(nothing, MEASURES[0], None, 60, 8))
    assert "Not known" in shown(drawing(unknown, BY_TITLE["Cost"], None, 60, 8))


def test_titles_say_which_days() -> None:
    titles = plot_titles(insight(KNOWN, UNKNOWN), MEASURES[0], "fetching")
    words: Mapping[str, str] = {
        name: cell.plain if isinstance(cell := getattr(titles, name), Content) else cell
        for name in ("top", "top_right", "bottom")
    }
    assert words == {
        "top": "Requests per day",
        "top_right": "22 Nov – 23 Nov · 5 batches",
        "bottom": "fetching",
    }


def test_the_title_says_which_weeks_are_not_whole() -> None:
    days = Days(TODAY - timedelta(days=30), TODAY)
    weeks = msgspec.structs.replace(insight(KNOWN), days=days, unit=Unit.WEEK)
    for since_ever, words in ((False, "first and last week in part"), (True, "last week in part")):
        titles = plot_titles(weeks, MEASURES[0], "", since_ever=since_ever)
        assert isinstance(titles.bottom, Content)
        assert titles.bottom.plain == words


def test_the_sums_leave_out_what_is_not_known() -> None:
    words = shown(sums(insight(UNKNOWN, total=UNKNOWN), "f", 80))
    assert "· ·" not in words
    assert "cost ·" not in words
