"""What somebody wrote now, and the earlier mails below it."""

import re
from dataclasses import dataclass

_ATTRIBUTIONS = (
    re.compile(r"^On\b.{4,280}\bwrote\s?:$", re.IGNORECASE),
    re.compile(r"^Le\b.{4,280}\ba écrit\s?:$", re.IGNORECASE),
    re.compile(r"^Am\b.{4,280}\bschrieb\b.{0,160}:$", re.IGNORECASE),
    re.compile(
        r"^.{0,200}<[^<>\s]{3,120}@[^<>\s]{3,120}>\s?(?:wrote|a écrit|schrieb)\s?:$", re.IGNORECASE
    ),
)
_ORIGINAL = re.compile(
    r"^[>\s]*-{2,}\s*(?:original message|forwarded message|message d.origine|message transféré"
    r"|ursprüngliche nachricht|weitergeleitete nachricht|original-nachricht)\s*-{2,}\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\s*\*?(?:From|De|Von)\s?:\*?\s", re.IGNORECASE)
_SENT = re.compile(r"^\s*\*?(?:Sent|Date|Envoyé|Gesendet|Datum)\s?:\*?\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Split:
    """`quoted` is the earlier history, empty when there is none or words stand in between it."""

    new: str
    quoted: str = ""


def split(text: str) -> Split:
    """Never without new words: a mail that only quotes is taken as it stands."""
    lines = text.strip().splitlines()
    at = _begin(lines)
    if at is None:
        return Split(text.strip())
    new, quoted = _parts(lines, at)
    return Split(new, quoted) if new else Split(text.strip())


def _begin(lines: list[str]) -> int | None:
    for at, line in enumerate(lines):
        if _ORIGINAL.match(line) or _is_heading(lines, at) or _is_attribution(lines, at):
            return at
        if line.startswith(">"):
            return at
    return None


def _is_attribution(lines: list[str], at: int) -> bool:
    """Mail programs break it over up to three lines."""
    for count in (1, 2, 3):
        joined = " ".join(one.strip() for one in lines[at : at + count])[:400]
        if any(one.match(joined) for one in _ATTRIBUTIONS):
            return True
    return False


def _is_heading(lines: list[str], at: int) -> bool:
    """The head of an answered mail as Outlook writes it."""
    return bool(_FROM.match(lines[at])) and any(_SENT.match(one) for one in lines[at + 1 : at + 4])


def _parts(lines: list[str], at: int) -> tuple[str, str]:
    before, below = lines[:at], lines[at:]
    marked = [n for n, line in enumerate(below) if line.startswith(">")]
    whole = "\n".join(lines).strip()
    if not marked or _ORIGINAL.match(below[0]) or _is_heading(lines, at):
        return _text(before), _text(below)
    end = marked[0]
    while end < len(below) and (below[end].startswith(">") or not below[end].strip()):
        end += 1
    after = below[end:]
    if not _text(after):
        return _text(before), _text(below)
    # Answers between the quotations make sense only beside them.
    if _text(before) or any(line.startswith(">") for line in after):
        return whole, ""
    return _text(after), _text(below[:end])


def _text(lines: list[str]) -> str:
    return "\n".join(lines).strip()
