from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app import cli
from app.documents.printing.letterheads import Letterhead, Sheet
from app.documents.sealing import services
from app.documents.templating.filling import Wording, fill
from tests.factories import acting

NOW = datetime.now(UTC)


@pytest.fixture
def run(app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(cli, "application", app.app_context)

    def invoke(*words: str) -> Any:
        return CliRunner().invoke(cli.cli, ["seal", *words])

    return invoke


def test_the_terminal_shows_renews_and_checks(
    run: Any, stage: Any, world: Any, tmp_path: Path
) -> None:
    shown = run("show")
    assert shown.exit_code == 0, shown.output
    assert "root" in shown.output
    assert "SHA-256" in shown.output
    filled = fill(Wording("letter", "Subject", "Text"), {})
    plain = Sheet("letter", filled.data, Letterhead("Lentier"), "fr", NOW).pdf()
    with acting(stage, world.operator_a.scope(world.a)):
        sealed = services.seal(plain, now=NOW)
    assert run("renew").exit_code == 0
    path = tmp_path / "letter.pdf"
    for content, code, words in (
        (sealed, 0, "unchanged since"), (plain, 1, "carries no seal"),
        (sealed.replace(b"/Type/Page", b"/Type/Pagf", 1), 1, ""),
    ):  # fmt: skip
        path.write_bytes(content)
        answer = run("check", str(path))
        assert answer.exit_code == code, answer.output
        assert words in answer.output
