"""What a spreadsheet must pass before its parser sees it.

The parser allocates the bounding box of the filled cells: one cell in the last corner of an empty
sheet asks for hundreds of gigabytes and takes the process down with it.
"""

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

from app.spreadsheets.reasons import FileRefused
from tenants.core.text import _m

MAX_UNPACKED = 80_000_000
MAX_PARTS = 500
MAX_RATIO = 250
MAX_ROW = 60_000
MAX_COLUMN = 256
MAX_CELLS = 3_000_000

_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_OLE = b"\xd0\xcf\x11\xe0"
_CHUNK = 1 << 16


@dataclass(slots=True)
class SheetScan:
    name: str
    errors: set[tuple[int, int]] = field(default_factory=set)


def check_xlsx(data: bytes) -> list[SheetScan]:
    """Refuses what is unsafe; answers where each sheet's error cells are, which the parser blanks."""
    if data.startswith(_OLE):
        raise FileRefused(
            _m(
                "This is an old or a password-protected Excel file. Please save it as XLSX without one."
            ),
            code="encrypted_or_old",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_parts(archive)
            return _scan(archive)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, KeyError, OSError) as error:
        raise _broken() from error
    except (NotImplementedError, UnicodeDecodeError, RuntimeError) as error:
        raise _broken() from error


def _broken() -> FileRefused:
    return FileRefused(_m("The file is not a readable XLSX workbook."), code="xlsx_broken")


def _too_big() -> FileRefused:
    return FileRefused(
        _m("The workbook unpacks to far more than a list of open items needs."), code="xlsx_too_big"
    )


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _too_big()
    if len(names) != len(parts):
        raise _broken()
    for part in parts:
        if part.flag_bits & 0x1:
            raise FileRefused(_m("The workbook is encrypted."), code="encrypted")
        if part.file_size > 1_000_000 and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise _too_big()
        if part.filename.lower().endswith(("vbaproject.bin", ".xlm")):
            raise FileRefused(
                _m("The workbook holds macros. Please save it as XLSX without macros."),
                code="macros",
            )
    if "xl/workbook.xml" not in names:
        raise _broken()


def _scan(archive: zipfile.ZipFile) -> list[SheetScan]:
    sheets = _sheets(archive)
    scans = []
    for part in archive.infolist():
        if not part.filename.lower().endswith((".xml", ".rels")):
            continue
        name = sheets.get(part.filename)
        cells = _Cells(SheetScan(name or ""))
        parser = _parser()
        if part.filename.startswith(("xl/worksheets/", "xl/macrosheets/")) or name is not None:
            parser.StartElementHandler = cells.start
        _feed(archive, part, parser)
        if name is not None:
            scans.append(cells.scan)
    return scans


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise FileRefused(
            _m(
                "The file declares a document type or entities. For safety such files are not read."
            ),
            code="doctype",
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _feed(archive: zipfile.ZipFile, part: zipfile.ZipInfo, parser: expat.XMLParserType) -> None:
    total = 0
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            # The directory of a ZIP may lie about sizes.
            if total > MAX_UNPACKED:
                raise _too_big()
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


class _Cells:
    def __init__(self, scan: SheetScan) -> None:
        self.scan = scan
        self._row = 0
        self._column = 0
        self._count = 0
        self._bottom = 0
        self._right = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            given = attributes.get("r", "")
            self._row = int(given) if given.isdecimal() and len(given) < 9 else self._row + 1
            self._column = 0
        elif name == "c":
            self._cell(attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        match = _CELL.fullmatch(attributes.get("r", ""))
        if match:
            self._column = _column_number(match.group(1))
            self._row = int(match.group(2))
        else:
            self._column += 1
            self._row = max(self._row, 1)
        self._count += 1
        self._bottom = max(self._bottom, self._row)
        self._right = max(self._right, self._column)
        if (
            self._bottom > MAX_ROW
            or self._right > MAX_COLUMN
            or self._bottom * self._right > MAX_CELLS
            or self._count > MAX_CELLS
        ):
            raise FileRefused(
                _m(
                    "The sheet reaches to row %(row)s and column %(column)s: too far for this list."
                ),
                code="sheet_too_large",
                row=self._bottom,
                column=self._right,
            )
        if attributes.get("t") == "e":
            self.scan.errors.add((self._row, self._column))


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Part name of each sheet -> its title."""
    titles: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            ident = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            titles[ident] = attributes.get("name", "")

    def relation(tag: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        targets[attributes.get("Id", "")] = posixpath.normpath(path)

    for name, handler in (
        ("xl/workbook.xml", sheet),
        ("xl/_rels/workbook.xml.rels", relation),
    ):
        parser = _parser()
        parser.StartElementHandler = handler
        _feed(archive, archive.getinfo(name), parser)
    return {targets[ident]: title for ident, title in titles.items() if ident in targets}
