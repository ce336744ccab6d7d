import dataclasses
import io
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from python_calamine import CalamineWorkbook

from app.finance.report import MatchedLine, Report, UnmatchedLine, age_bucket, aged
from app.finance.report_labels import LABELS
from app.finance.report_pdf import report_pdf
from app.finance.report_xlsx import report_xlsx
from app.finance.wording import Translate, money, render_reason
from app.spreadsheets.reasons import Reason
from tests.documents.verapdf import assert_archivable
from tests.finance.report_words import DE, FR
from tests.finance.sample_report import build, demo

REPORT, MATCHES = build(demo())
LANGUAGES: dict[str, Translate] = {
    "en": str,
    "fr": lambda text: FR.get(text, text),
    "de": lambda text: DE.get(text, text),
}


def evil(report: Report) -> Report:
    """Everything a stranger can write into a report, and a statement that doesn't balance."""
    name = '=HYPERLINK("x") #read("/etc/passwd") *b* $x$ 株式会社 😀 \x07 \u202e ' + "W" * 140
    matched = dataclasses.replace(
        report.matched[0], name=name, confidence=None, explanation=None, note=name
    )
    unmatched = UnmatchedLine(99, date(2026, 9, 1), name, "@cmd", -5, "EUR", is_rest=True)
    check = dataclasses.replace(
        report.balances[0], difference=-1234, accepted_by="Léa", accepted_reason=name
    )
    broken = dataclasses.replace(
        check,
        difference=None,
        opening=None,
        problem=Reason("opening_missing", "No opening balance."),
        continuity=Reason("after", "Comes after statement %(statement)s.", {"statement": name}),
    )
    return dataclasses.replace(
        report,
        client_name=name,
        accent="red",
        matched=(matched, *report.matched[:3]),
        unmatched=(unmatched,),
        balances=(check, broken),
    )


def test_the_report_is_archivable_and_accessible_in_three_languages(tmp_path: Path) -> None:
    files = []
    for language, translate in LANGUAGES.items():
        path = tmp_path / f"{language}.pdf"
        path.write_bytes(report_pdf(REPORT, locale=language, translate=translate))
        files.append(path)
    path = tmp_path / "evil.pdf"
    path.write_bytes(report_pdf(evil(REPORT), locale="de", translate=LANGUAGES["de"]))
    empty = dataclasses.replace(REPORT, matched=(), unmatched=(), open_items=(), rejects=())
    (tmp_path / "empty.pdf").write_bytes(report_pdf(empty, locale="fr", translate=LANGUAGES["fr"]))
    assert_archivable(*files, path, tmp_path / "empty.pdf")


def test_the_same_report_gives_the_same_bytes() -> None:
    first, second = (report_pdf(REPORT, locale="fr", translate=LANGUAGES["fr"]) for _ in range(2))
    assert first == second
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert str(pdf.docinfo["/Title"]).startswith("Contrôle des paiements")
        assert pdf.Root.Lang == "fr"
        assert len(pdf.pages) == 5
    sheets = [report_xlsx(REPORT, locale="fr", translate=LANGUAGES["fr"]) for _ in range(2)]
    assert sheets[0] == sheets[1]


def test_a_long_report_prints_what_fits_and_says_so() -> None:
    many = dataclasses.replace(REPORT, matched=REPORT.matched * 60)
    with pikepdf.open(io.BytesIO(report_pdf(many, locale="en", translate=str))) as pdf:
        assert 30 < len(pdf.pages) < 150


def test_every_label_and_reason_is_translated() -> None:
    messages = set(LABELS.values()) | {p.explanation.message for p in MATCHES.proposals}
    assert sorted(messages - FR.keys()) == []
    assert sorted(messages - DE.keys()) == []


def test_the_workbook_holds_every_row() -> None:
    data = report_xlsx(REPORT, locale="de", translate=LANGUAGES["de"])
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == [
        "Übersicht",
        "Zugeordnete Zeilen",
        "Zeilen ohne Zuordnung",
        "Offene Posten",
        "Abweisungen",
    ]
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    expected = (REPORT.matched, REPORT.unmatched, REPORT.open_items, REPORT.rejects)
    assert [len(s) - 1 for s in sheets[1:]] == [len(rows) for rows in expected]
    settled = REPORT.counts.totals["EUR"].settled / 100
    assert sum(float(str(row[8])) for row in sheets[1][1:]) == pytest.approx(settled)
    summary = {row[0]: row[1] for row in sheets[0]}
    assert summary["Erhaltene offene Posten"] == REPORT.counts.items_in
    assert summary["Endsaldo"] == pytest.approx((REPORT.balances[0].closing or 0) / 100)


def test_text_stays_text_in_the_workbook() -> None:
    data = report_xlsx(evil(REPORT), locale="en", translate=str)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    row = book.get_sheet_by_name("Matched lines").to_python()[1]
    assert str(row[2]).startswith('=HYPERLINK("x")')


@pytest.mark.parametrize(("days", "bucket"), [(-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (91, 4)])
def test_ages(days: int, bucket: int) -> None:
    assert (
        age_bucket(date(2026, 1, 1), date.fromordinal(date(2026, 1, 1).toordinal() + days))
        == bucket
    )


def test_the_ages_add_up_to_what_is_open() -> None:
    row = aged(REPORT)["EUR"]
    assert sum(amount for _, amount in row) == REPORT.counts.totals["EUR"].outstanding
    assert sum(count for count, _ in row) == len(REPORT.open_items)


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "expected"),
    [
        (-120_050, "EUR", "de", "\u22121.200,50\u00a0EUR"),
        (120_050, "EUR", "fr", "1\u202f200,50\u00a0EUR"),
        (1200, "JPY", "en", "1,200\u00a0JPY"),
        (1125, "KWD", "de", "1,125\u00a0KWD"),
    ],
)
def test_money(minor: int, currency: str, locale: str, expected: str) -> None:
    assert money(minor, currency, locale) == expected


def test_a_reason_speaks_the_language_of_its_reader() -> None:
    line: MatchedLine = REPORT.matched[0]
    assert line.explanation is not None
    assert render_reason(line.explanation, LANGUAGES["de"], "de") != render_reason(
        line.explanation, str, "en"
    )
    missing = Reason("columns_missing", "Missing: %(columns)s.", {"columns": "date, amount"})
    german = {"date": "Datum", "amount": "Betrag"}
    text = render_reason(missing, lambda t: german.get(t, t), "de")
    assert text == "Missing: Datum, Betrag."
