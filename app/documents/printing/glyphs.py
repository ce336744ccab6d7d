"""Which characters our fonts have, read from the fonts themselves: what can't be printed is said
before anything is typeset."""

import struct
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# What has no shape of its own and is left to the engine: soft hyphen, zero-width blanks and joiners.
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060")
_BLANKS = frozenset("\n \u00a0\u202f\u2009")
_FONT_FILES = {
    "Inter": ("fontpkg_inter", "Inter[opsz,wght].ttf"),
    "Noto Sans": ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf"),
}


@dataclass(frozen=True, slots=True)
class Unprintable:
    """`place` is a path such as `lines.3.name`, or what the caller calls it."""

    character: str
    place: str

    @property
    def name(self) -> str:
        """As Unicode calls it, since it may be invisible."""
        return f"U+{ord(self.character):04X} {unicodedata.name(self.character, '')}".strip()

    @property
    def shown(self) -> str:
        return self.character if unicodedata.category(self.character)[0] in "LMNPS" else "\u25a1"


def unprintable_in(text: str, place: str = "") -> Iterator[Unprintable]:
    """Each character once, in the order of the text."""
    known = _known()
    whole = unicodedata.normalize("NFC", text)
    for character in dict.fromkeys(whole):
        if character in _BLANKS or character in _INVISIBLE:
            continue
        if unicodedata.category(character)[0] == "C" or ord(character) not in known:
            yield Unprintable(character, place)


def unprintable(data: Any, place: str = "") -> Iterator[Unprintable]:
    if isinstance(data, str):
        yield from unprintable_in(data, place)
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from unprintable(value, f"{place}.{key}" if place else str(key))
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data, start=1):
            yield from unprintable(value, f"{place}.{number}" if place else str(number))


@cache
def _known() -> frozenset[int]:
    return frozenset().union(*(_codepoints(_font(name)) for name in _FONT_FILES))


def _font(family: str) -> bytes:
    package, name = _FONT_FILES[family]
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "files" / name).read_bytes()


def _codepoints(font: bytes) -> set[int]:
    """From the table `cmap`, formats 4 and 12."""
    tables = struct.unpack_from(">H", font, 4)[0]
    for number in range(tables):
        tag, _sum, offset, _length = struct.unpack_from(">4sIII", font, 12 + 16 * number)
        if tag == b"cmap":
            return _mapped(font, offset)
    return set()


def _mapped(font: bytes, start: int) -> set[int]:
    found: set[int] = set()
    for number in range(struct.unpack_from(">H", font, start + 2)[0]):
        at = start + struct.unpack_from(">I", font, start + 4 + 8 * number + 4)[0]
        shape = struct.unpack_from(">H", font, at)[0]
        if shape == 4:
            found |= _segments(font, at)
        elif shape == 12:
            found |= _groups(font, at)
    return found


def _segments(font: bytes, at: int) -> set[int]:
    count = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    starts = struct.unpack_from(f">{count}H", font, at + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", font, at + 16 + 4 * count)
    shifts_at = at + 16 + 6 * count
    shifts = struct.unpack_from(f">{count}H", font, shifts_at)
    found = set()
    for i in range(count):
        for code in range(starts[i], min(ends[i], 0xFFFE) + 1):
            glyph = code
            if shifts[i]:
                place = shifts_at + 2 * i + shifts[i] + 2 * (code - starts[i])
                glyph = struct.unpack_from(">H", font, place)[0]
                if not glyph:
                    continue
            if (glyph + deltas[i]) & 0xFFFF:
                found.add(code)
    return found


def _groups(font: bytes, at: int) -> set[int]:
    found: set[int] = set()
    for number in range(struct.unpack_from(">I", font, at + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", font, at + 16 + 12 * number)
        found.update(range(first + (glyph == 0), last + 1))
    return found
