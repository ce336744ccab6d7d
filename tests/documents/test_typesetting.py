import io
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from app.documents.typesetting import NotTypeset, typeset
from tests.documents.verapdf import assert_archivable, verapdf_report

NOW = datetime(2026, 10, 2, 9, 30, tzinfo=UTC)
TEMPLATE = """
#let d = json(bytes(sys.inputs.data))
#let (year, month, day, hour, minute, second) = d.dated
#set document(
  title: d.title,
  date: datetime(year: year, month: month, day: day, hour: hour, minute: minute, second: second),
)
#set text(font: d.fonts, lang: d.lang)
= #d.title
#for row in d.rows [ - #row ]
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "letter.typ"
    path.write_text(TEMPLATE)
    return path


def test_any_text_is_typeset_and_stays_text(template: Path, tmp_path: Path) -> None:
    rows = [
        "株式会社 😀",
        '#read("/etc/passwd") *x*',
        "\x00\x1b\ud800\ue000",
        "عربى",
        "e\u0301" * 40,
    ]
    path = tmp_path / "out.pdf"
    path.write_bytes(typeset(template, {"title": "T", "rows": rows}, dated=NOW, lang="fr"))
    assert_archivable(path)


def test_the_same_data_gives_the_same_bytes(template: Path) -> None:
    data = {"title": "T", "rows": ["a"]}
    first = typeset(template, data, dated=NOW, lang="de")
    assert first == typeset(template, data, dated=NOW, lang="de")
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert "2026" in str(pdf.docinfo["/CreationDate"])


def test_a_broken_template_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "bad.typ"
    path.write_text("#nothing-of-that-name")
    with pytest.raises(NotTypeset):
        typeset(path, {}, dated=NOW, lang="de")


def test_a_template_cannot_read_outside_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "curious.typ"
    path.write_text('#read("/../../etc/passwd")')
    with pytest.raises(NotTypeset):
        typeset(path, {}, dated=NOW, lang="de")


def test_the_proof_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "plain.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path)
    good, report = verapdf_report("3a,ua1", path)
    assert not good
    assert "FAIL 3a" in report
    assert "FAIL ua1" in report
