from collections.abc import Callable
from typing import NamedTuple

Say = Callable[[str], str]


class Pill(NamedTuple):
    """A mark with an icon; `spoken` is what its colour says."""

    label: str
    icon: str
    tone: str = ""
    spoken: str = ""
