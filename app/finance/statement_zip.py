"""A statement in a ZIP, as banks pack it: one file of a sensible size, nothing else."""

import io
import zipfile
import zlib

from app.finance.limits import MAX_BYTES, too_large
from app.spreadsheets.reasons import FileRefused
from tenants.core.text import _m

_MAX_RATIO = 300
_JUNK = ("__MACOSX/", ".DS_Store")


def unpack(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _only(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise FileRefused(_m("The ZIP file is damaged or encrypted."), code="zip_broken") from error


def _only(archive: zipfile.ZipFile) -> bytes:
    found = [
        part
        for part in archive.infolist()
        if not part.is_dir() and not part.filename.startswith(_JUNK[0])
        and not part.filename.endswith(_JUNK[1])
    ]  # fmt: skip
    if len(found) != 1:
        raise FileRefused(
            _m(
                "The ZIP file holds %(count)s files. Please send one statement for each request, "
                "packed alone or not at all."
            ),
            code="zip_several",
            count=len(found),
        )
    [part] = found
    ratio = part.file_size > 1_000_000 and part.file_size > _MAX_RATIO * max(part.compress_size, 1)
    if part.file_size > MAX_BYTES or ratio:
        raise too_large()
    with archive.open(part) as source:
        # What the directory says of the size may be a lie.
        content = source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise too_large()
    if content.startswith(b"PK\x03\x04"):
        raise FileRefused(
            _m("The ZIP file holds another ZIP or an Excel file, not a bank statement."),
            code="zip_nested",
        )
    return content
