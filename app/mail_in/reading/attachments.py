"""Files that come with a mail, and why some are not taken."""

from dataclasses import dataclass

from tenants.core.text import _m
from tenants.files import MAX_BYTES, safe_name

MOST = 20
_PROGRAMS = (
    ".exe", ".com", ".scr", ".pif", ".bat", ".cmd", ".msi", ".msp", ".dll", ".cpl", ".jar", ".js",
    ".jse", ".vbs", ".vbe", ".wsf", ".wsh", ".hta", ".ps1", ".psm1", ".lnk", ".reg", ".iso", ".img",
    ".vhd", ".vhdx", ".app", ".apk", ".sh", ".scf", ".url", ".chm", ".one", ".docm", ".xlsm",
    ".pptm", ".xlam", ".html", ".htm", ".xhtml", ".shtml", ".svg",
)  # fmt: skip
_MAGIC = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"#!")
EMPTY = _m("The file is empty.")
LARGE = _m("The file is larger than 20 MB.")
PROGRAM = _m("Programs, scripts, web pages and documents with macros are not taken.")
OUTLOOK = _m("Only Outlook can open this. Send the files as ordinary attachments.")
MANY = _m("A mail may bring 20 files at most.")


@dataclass(frozen=True, slots=True)
class Attachment:
    """`refused` says why it isn't taken; empty when it is."""

    name: str
    content_type: str
    content: bytes
    refused: str = ""


def checked(found: list[tuple[str, str, bytes]]) -> list[Attachment]:
    """Of names, types and contents in the mail's order."""
    return [
        Attachment(safe_name(name), kind, content, why_refused(name, kind, content, place))
        for place, (name, kind, content) in enumerate(found)
    ]


def why_refused(name: str, kind: str, content: bytes, place: int = 0) -> str:
    lower = safe_name(name).lower()
    if not content:
        return EMPTY
    if len(content) > MAX_BYTES:
        return LARGE
    if lower == "winmail.dat" or kind == "application/ms-tnef":
        return OUTLOOK
    if lower.endswith(_PROGRAMS) or content.startswith(_MAGIC):
        return PROGRAM
    return MANY if place >= MOST else ""
