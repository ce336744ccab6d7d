"""A company's logo is a stranger's file: it is read in a child process and drawn anew, so that what
we print holds pixels or plain shapes and nothing else.

`python -m app.documents.printing.logos 768 10` answers `png\\n…` or `svg\\n…`.
"""

import io
import sys
from collections.abc import Callable

from app.documents.printing.svg import LARGEST_DRAWN, PictureRefused, plain_shapes
from tenants.core.errors import Invalid
from tenants.core.limited import Limits, limit_self, run_module
from tenants.core.text import _m

LARGEST = 2 * 1024 * 1024
MOST_PIXELS = 25_000_000
LONGEST_SIDE = 1000
_LIMITS = Limits(memory_mb=768, cpu_seconds=10, wall_seconds=20)
_REFUSED = 3

REFUSALS = {
    "too_large": _m("This logo is larger than 2 MB. Save it smaller: 1,000 pixels are enough."),
    "format": _m("This is not a PNG, JPEG or SVG picture."),
    "pixels": _m("This picture has too many pixels. 1,000 a side are enough."),
    "complicated": _m("This logo is too complicated to print. Save it simpler, or as PNG."),
    "broken": _m("This picture is damaged and can't be read."),
    "script": _m(
        "This SVG holds scripts, texts, pictures or links to other files. Save it as plain shapes "
        "(texts as paths), or as PNG."
    ),
}


class LogoRefused(Invalid):
    code = "logo_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(
            REFUSALS[reason], code=f"logo_{reason}", field_errors={"logo": [REFUSALS[reason]]}
        )


def drawn_anew(content: bytes) -> tuple[str, bytes]:
    """The picture's kind, "png" or "svg", and what may be printed of it."""
    if len(content) > LARGEST:
        raise LogoRefused("too_large")
    outcome = run_module("app.documents.printing.logos", [], content, _LIMITS)
    if outcome.code == _REFUSED:
        raise LogoRefused(outcome.output.decode())
    if outcome.code or outcome.stopped:
        raise LogoRefused("complicated" if outcome.stopped else "broken")
    kind, _, drawn = outcome.output.partition(b"\n")
    return kind.decode(), drawn


def _png(content: bytes) -> bytes:
    from PIL import Image

    # Our own check, below, comes before a pixel is read.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise PictureRefused("pixels")
        clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        drawn = image.convert("RGBA" if clear else "RGB")
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    fresh = Image.new(drawn.mode, drawn.size)
    fresh.paste(drawn)
    out = io.BytesIO()
    fresh.save(out, "PNG", optimize=True)
    if out.tell() > LARGEST_DRAWN:
        out = io.BytesIO()
        fresh.quantize(256).save(out, "PNG", optimize=True)
    if out.tell() > LARGEST_DRAWN:
        raise PictureRefused("complicated")
    return out.getvalue()


def _draw(content: bytes) -> tuple[str, bytes]:
    start = content[:1000].lstrip()
    if content.startswith((b"\x89PNG", b"\xff\xd8")):
        return "png", _attempt(_png, content)
    if start.startswith((b"<", b"\xef\xbb\xbf<")):
        return "svg", _attempt(plain_shapes, content)
    raise PictureRefused("format")


def _attempt(read: Callable[[bytes], bytes], content: bytes) -> bytes:
    try:
        return read(content)
    except (PictureRefused, MemoryError):
        raise
    except Exception as error:
        # Whatever a damaged picture makes its reader raise.
        raise PictureRefused("broken") from error


def main(args: list[str]) -> int:
    memory_mb, cpu_seconds = args
    limit_self(int(memory_mb), int(cpu_seconds))
    out = sys.stdout.buffer
    try:
        kind, drawn = _draw(sys.stdin.buffer.read())
    except PictureRefused as refused:
        out.write(str(refused).encode())
        return _REFUSED
    out.write(kind.encode() + b"\n" + drawn)
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
