"""Readable colours for a client, as CSS custom properties (inline style is banned)."""

from __future__ import annotations

import re
from collections.abc import Iterable

DEFAULT_COLOUR = "#44546a"
AA = 4.5
LIGHT_SURFACE, DARK_SURFACE = "#ffffff", "#16202e"
WHITE, BLACK = "#ffffff", "#0b1220"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_CODE = re.compile(r"[A-Za-z0-9]{1,8}\Z")


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(colour: str, other: str, share: float) -> str:
    """`share` of the first colour, the rest of the other."""
    pairs = zip(_rgb(colour), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def luminance(colour: str) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(part) for part in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(colour: str) -> str:
    """Only pure black is dark enough for every middle tone on which white fails."""
    return max(WHITE, "#000000", key=lambda ink: contrast(ink, colour))


def readable(colour: str, background: str, towards: str) -> str:
    for step in range(21):
        shade = mix(colour, towards, 1 - step / 20)
        if contrast(shade, background) >= AA:
            return shade
    return towards


def _safe(colour: str) -> str:
    return colour.lower() if _COLOUR.match(colour) else DEFAULT_COLOUR


def _properties(colour: str) -> str:
    tint, dark_tint = mix(colour, LIGHT_SURFACE, 0.1), mix(colour, DARK_SURFACE, 0.25)
    text, dark_text = readable(colour, tint, BLACK), readable(colour, dark_tint, WHITE)
    return (
        f"--client:{colour};--client-ink:{ink_on(colour)};"
        f"--client-tint:light-dark({tint},{dark_tint});"
        f"--client-text:light-dark({text},{dark_text})"
    )


def brand_css(colour: str) -> str:
    return f":root{{{_properties(_safe(colour))}}}\n"


def brands_css(clients: Iterable[tuple[str, str]]) -> str:
    """One class per client code, for pages that show many clients at once."""
    return "".join(
        f".client-{code}{{{_properties(_safe(colour))}}}\n"
        for code, colour in clients
        if _CODE.match(code)
    )
