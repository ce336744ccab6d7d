"""What a document may be sent as, told by its name."""

from collections.abc import Mapping

from tenants.core.text import _m

NAMES: Mapping[str, str] = {
    "any": _m("Any file"),
    "pdf": _m("PDF"),
    "table": _m("Spreadsheet or CSV"),
    "image": _m("Photo or scan"),
}
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "any": (),
    "pdf": (".pdf",),
    "table": (".csv", ".xlsx", ".xls", ".ods", ".txt"),
    "image": (".pdf", ".png", ".jpg", ".jpeg", ".heic", ".tif", ".tiff"),
}


def fits(wanted: str, file_name: str) -> bool:
    endings = ENDINGS[wanted]
    return not endings or file_name.lower().endswith(endings)
