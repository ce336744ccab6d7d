"""Files for spreadsheets run nothing of what somebody sent, which may be a heading too."""

import io
import zipfile

import pytest

from app.spreadsheets.writing import Sheet, write

HOSTILE = ('=HYPERLINK("http://evil")', "+1", "-1", "@A1", "\t=1", " =1", "{=1}")


@pytest.mark.parametrize("text", HOSTILE)
def test_neither_heading_nor_cell_is_a_formula(text: str) -> None:
    sheet = Sheet("rejected", "Rejected", ["Line", text], [[1, text]])
    table = write(sheet, "csv").decode("utf-8-sig")
    assert table.startswith("Line;")
    for row in table.splitlines():
        cell = row.partition(";")[2].strip('"')
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    with zipfile.ZipFile(io.BytesIO(write(sheet, "xlsx"))) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
