"""The e-invoice in a PDF, found in a limited child: `python -m app.documents.checking.attached 512 10`."""

import sys
from io import BytesIO

from app.documents.checking.reading import look
from tenants.core.limited import Limits, limit_self, run_module

LIMITS = Limits(memory_mb=512, cpu_seconds=10, wall_seconds=15)
_HEAD = 1024
# Named in clear, or in objects that are packed.
_MARKS = (b"EmbeddedFile", b"/ObjStm")


def is_pdf(content: bytes) -> bool:
    return b"%PDF" in content[:_HEAD]


def may_hold_invoice(content: bytes) -> bool:
    """Whether it is worth a look; cheap."""
    if is_pdf(content):
        return any(mark in content for mark in _MARKS)
    return bool(look(content).form)


def invoice_of(content: bytes) -> bytes | None:
    """The XML itself, or what is attached to the page; None where there is none."""
    if not is_pdf(content):
        return content if look(content).form else None
    if not may_hold_invoice(content):
        return None
    found = run_module("app.documents.checking.attached", [], content, LIMITS)
    return found.output if found.code == 0 and found.output else None


def _first(content: bytes) -> bytes:
    import pikepdf

    with pikepdf.open(BytesIO(content)) as pdf:
        for attached in pdf.attachments.values():
            data = attached.get_file().read_bytes()
            if look(data).form:
                return data
    return b""


def main(memory_mb: str, cpu_seconds: str) -> None:
    limit_self(int(memory_mb), int(cpu_seconds))
    sys.stdout.buffer.write(_first(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main(*sys.argv[1:3])
