"""The documents of a report: archivable, accessible, the same for the same content."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pikepdf

from app.reporting.content import sha256_of, total
from app.reporting.labels import LABELS, Translate
from app.reporting.report_csv import report_csv
from app.reporting.report_pdf import MOST_POINTS, report_pdf
from tests.documents.verapdf import assert_archivable
from tests.reporting.sample import empty, sample
from tests.reporting.words import DE, FR

LANGUAGES: dict[str, Translate] = {
    "en": str,
    "fr": lambda one: FR.get(one, one),
    "de": lambda one: DE.get(one, one),
}
EVIL = '=HYPERLINK("x") #read("/etc/passwd") *b* $x$ 株式会社 😀 \x07 \u202e %s %(x)s ' + "W" * 140


def pdf(content, language="en"):
    return report_pdf(
        content, sha256=sha256_of(content), language=language, translate=LANGUAGES[language]
    )


def rows(content, language="en"):
    text = report_csv(content, language=language, translate=LANGUAGES[language]).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def evil():
    """Everything a stranger can write into a report."""
    found = sample(summary=EVIL, remarks={"finance": EVIL})
    found["open"][0]["title"] = EVIL
    found["company"]["name"] = EVIL
    found["provider"]["colour"] = "red"
    return found


def test_archivable_and_accessible_in_three_languages(tmp_path: Path) -> None:
    files = []
    for name, content, language in (
        *((one, sample(), one) for one in LANGUAGES), ("empty", empty(), "fr"), ("evil", evil(), "de"),
    ):  # fmt: skip
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(pdf(content, language))
        files.append(path)
    assert_archivable(*files)


def test_the_same_content_gives_the_same_bytes() -> None:
    assert pdf(sample(), "fr") == pdf(sample(), "fr")
    with pikepdf.open(io.BytesIO(pdf(sample(), "fr"))) as found:
        assert str(found.docinfo["/Title"]) == "Rapport de service – octobre 2026 – Lentier SARL"
        assert found.Root.Lang == "fr"
    assert rows(sample()) == rows(sample())


def test_what_does_not_fit_stands_in_the_file_beside() -> None:
    many = sample()
    many["open"] = many["open"] * 40
    with pikepdf.open(io.BytesIO(pdf(many))) as found:
        assert len(found.pages) < 8
    assert len(many["open"]) > MOST_POINTS
    assert sum(bool(row) and row[0] in ("118", "131", "133", "136") for row in rows(many)) == 160


def test_the_file_holds_every_figure_with_its_requests() -> None:
    found = {tuple(row[1:4]): row[4:] for row in rows(sample()) if len(row) == 7}
    assert found["Finance", "Resolution", "Missed"] == ["2", "clocks", "#121 #126"]
    assert found["HR", "Employment contract", "Raised"] == ["6", "requests", "#118 #119"]
    assert found["", "Operator minutes", "Ledger, this month"] == ["2095", "", "#121 #126"]
    assert found["Finance", "", "Credit"][0] == "28.80"
    assert found["Finance", "2026-09", "Change"][0] == "-9.60"


def test_text_stays_text_in_a_spreadsheet() -> None:
    content = sample()
    content["open"][0]["title"] = "=1+1"
    assert ["118", "'=1+1"] in [row[:2] for row in rows(content)]


def test_every_label_is_said_in_three_languages() -> None:
    assert set(LABELS.values()) <= FR.keys()
    assert set(LABELS.values()) <= DE.keys()


def test_a_fingerprint_is_of_the_content_alone() -> None:
    turned = dict(reversed(sample().items()))
    assert sha256_of(turned) == sha256_of(sample())
    assert sha256_of(sample(summary="x")) != sha256_of(sample())
    assert total([[1, None], [2, None]]) == 2
    assert total([[1, 30], [None, -5]]) == 25
