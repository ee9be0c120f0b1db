from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.cli.conftest import Cli, Remember, batch_body


def test_sizes_and_accounts(cli: Cli, config: Path, remember: Remember) -> None:
    remember(*(batch_body(f"msgbatch_{n}", age=timedelta(hours=n)) for n in range(3)))
    results = config / "results" / "127.0.0.1_9"
    results.mkdir(parents=True)
    (results / "msgbatch_1.jsonl").write_bytes(b"x" * 1200)
    text = cli("info").stdout
    assert f"{results} (1 file, 1.2 kB)" in text
    assert "3 of this account are known" in text
    assert "ANTHROPIC_API_KEY (fingerprint" in text
    assert "sk-ant" not in text


def test_a_profile_is_named(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "home" / ".config" / "anthropic" / "configs"
    folder.mkdir(parents=True)
    (folder / "work.json").write_text('{"base_url":"https://gateway.example","workspace_id":"w1"}')
    text = cli("info", "--profile", "work").stdout
    assert "https://gateway.example (profile work)" in text
    assert "w1" in text
    assert "profile work" in text
