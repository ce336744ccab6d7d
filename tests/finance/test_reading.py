import json
import logging

import pytest

from app.finance import reading
from app.finance.read_results import OpenItemsFile, StatementFile
from app.finance.reading import read_open_items_file, read_statement_file
from app.spreadsheets.reasons import FileRefused
from tenants.core.limited import Limits, run_module
from tenants.core.plain_data import dump, load
from tests.finance.files import whole
from tests.finance.sample_report import demo


def test_the_child_hands_over_what_the_reader_found() -> None:
    files = demo()
    read = read_statement_file(files.statement_xml)
    statement = read.whole()
    assert statement == whole(files.statement_xml) == load(StatementFile, dump(statement))
    assert read.heads[0].balanced
    assert read.lines_in == len(statement.statements[0].lines)
    opened = read_open_items_file(files.open_items_csv)
    assert isinstance(opened, OpenItemsFile)
    assert opened.rows_in == len(opened.items) + len(opened.rejects)


def test_a_refusal_crosses_the_border_with_its_parameters() -> None:
    with pytest.raises(FileRefused) as caught:
        read_statement_file(b"<Document><CstmrCdtTrfInitn/></Document>")
    assert caught.value.code == "other_message"
    assert caught.value.params == {"found": "pain.001"}
    assert caught.value.reason.message == caught.value.message


def test_too_little_memory_is_a_refusal() -> None:
    big = b"<Document><BkToCstmrStmt><Stmt><Ntry>" + b"<x/>" * 5_000_000
    with pytest.raises(FileRefused) as caught:
        read_statement_file(big, limits=Limits(memory_mb=120))
    assert caught.value.code in ("reading_too_large", "not_xml")


@pytest.mark.parametrize(
    "limits", [Limits(cpu_seconds=1, wall_seconds=20), Limits(wall_seconds=0.3)]
)
def test_too_much_time_is_a_refusal(limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        reading, "run_module", lambda _m, *more: run_module("tests.finance.spinning", *more)
    )
    with pytest.raises(FileRefused) as caught:
        read_statement_file(b"x", limits=limits)
    assert caught.value.code == "reading_too_slow"


def test_the_child_sees_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    outcome = run_module("tests.finance.telling", [], b"", Limits())
    told = json.loads(outcome.output)
    assert set(told["environment"]) <= {"PATH", "LC_ALL", "PYTHONUTF8", "LC_CTYPE"}
    assert told["open_files"] <= 4


def test_a_bug_in_the_reader_is_a_refusal_and_a_log_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        reading, "run_module", lambda _m, *more: run_module("tests.finance.nowhere", *more)
    )
    with caplog.at_level(logging.ERROR), pytest.raises(FileRefused) as caught:
        read_statement_file(b"x")
    assert caught.value.code == "unreadable"
    assert "nowhere" in caplog.text
