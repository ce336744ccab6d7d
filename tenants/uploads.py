"""What people send: one set of rules for forms, the API and mails."""

from datetime import datetime
from typing import Protocol

from tenants import files
from tenants.core.errors import Conflict, Invalid
from tenants.core.text import _m
from tenants.models import StoredFile
from tenants.permissions import Actor

MOST = 20
_PAGES = (".html", ".htm", ".xhtml", ".shtml", ".svg")
_PROGRAMS = (
    ".exe", ".com", ".scr", ".pif", ".bat", ".cmd", ".msi", ".msp", ".dll", ".cpl", ".jar", ".js",
    ".jse", ".vbs", ".vbe", ".wsf", ".wsh", ".hta", ".ps1", ".psm1", ".lnk", ".reg", ".iso", ".img",
    ".vhd", ".vhdx", ".app", ".apk", ".sh", ".scf", ".url", ".chm", ".one", ".docm", ".xlsm",
    ".pptm", ".xlam",
)  # fmt: skip
_MAGIC = (b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"#!")
EMPTY = _m("The file is empty.")
LARGE = _m("The file is larger than 20 MB.")
PROGRAM = _m("Programs, scripts, web pages and documents with macros are not taken.")
OUTLOOK = _m("Only Outlook can open this. Send the files as ordinary attachments.")
MANY = _m("At most 20 files go at once. Send the others after them.")
# With the file's name, for who sends several at once.
_NAMED = {
    PROGRAM: _m("“%(name)s” stays out: programs, scripts, web pages and documents with macros are "
                "not taken. Save it in another format, a PDF for example."),
    OUTLOOK: _m("“%(name)s” stays out: only Outlook can open it. Send the files in it."),
}  # fmt: skip


class NoRoom(Conflict):
    code = "storage_used_up"
    message = _m(
        "Your company's %(most)s GB of storage are full, so this can't be taken. An administrator of "
        "your company can choose a larger plan under Subscription, or ask us for more room."
    )


class RequireRoom(Protocol):
    """Raises NoRoom. What a company may store is known above this layer."""

    def __call__(self, size: int, *, now: datetime) -> None: ...


_require_room: list[RequireRoom] = []


def limit_room(require: RequireRoom) -> None:
    _require_room[:] = [require]


def why_refused(
    name: str, content_type: str, content: bytes, *, welcome: tuple[str, ...] = ()
) -> str:
    """Empty when the file is taken. `welcome` are endings that are asked for: a web page may be
    among them, a program never."""
    lower = files.safe_name(name).lower()
    if not content:
        return EMPTY
    if len(content) > files.MAX_BYTES:
        return LARGE
    if lower == "winmail.dat" or content_type == "application/ms-tnef":
        return OUTLOOK
    unwanted = (*_PROGRAMS, *(one for one in _PAGES if one not in welcome))
    return PROGRAM if lower.endswith(unwanted) or _runs(content) else ""


def take_file(
    *, name: str, content_type: str, content: bytes, actor: Actor, now: datetime,
    welcome: tuple[str, ...] = (),
) -> StoredFile:  # fmt: skip
    """Stored, or refused in words. What the provider delivers always has room."""
    problem = _NAMED.get(why_refused(name, content_type, content, welcome=welcome))
    if problem:
        raise Invalid(problem, code="unwanted_file", name=files.safe_name(name))
    if actor.side == "client":
        for require in _require_room:
            require(len(content), now=now)
    return files.save(name=name, content_type=content_type, content=content, actor=actor, now=now)


def _runs(content: bytes) -> bool:
    # Words may begin with these two letters; what runs on Windows has zeros soon after.
    windows = content.startswith(b"MZ") and b"\0" in content[:256]
    return windows or content.startswith(_MAGIC)
