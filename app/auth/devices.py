"""What a browser says of itself, in two words that its owner recognises."""

import re
from dataclasses import dataclass

# The first that fits: most browsers also name the ones that they resemble.
PROGRAMS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Vivaldi/", "Vivaldi"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"CriOS/|Chrome/|Chromium/", "Chrome"),
    (r"Version/.*Safari/", "Safari"),
    (r"curl/", "curl"),
    (r"python", "Python"),
)
SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"CrOS", "ChromeOS"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Linux|X11", "Linux"),
)
HAND_HELD = ("iPhone", "iPad", "Android")


@dataclass(frozen=True, slots=True)
class Device:
    """Empty where nothing is known."""

    program: str
    system: str

    @property
    def hand_held(self) -> bool:
        return self.system in HAND_HELD


def device_of(user_agent: str) -> Device:
    return Device(_first(PROGRAMS, user_agent), _first(SYSTEMS, user_agent))


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in table if re.search(mark, user_agent, re.IGNORECASE)), "")
