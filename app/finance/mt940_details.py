"""Field 86 of MT940, where every country keeps parties and references in a way of its own."""

import re
from dataclasses import dataclass

from app.finance.iban import compact, is_iban
from app.spreadsheets.plain_text import clean

_STRUCTURED = re.compile(r"(\d{3})\?(?=\d{2})")
_SEGMENT = re.compile(r"\?(\d{2})")
# Segments are this long; a shorter one ended by itself.
_FULL = 27
_KEYWORDS = (
    "EREF", "KREF", "MREF", "CRED", "DEBT", "SVWZ", "ABWA", "ABWE", "IBAN", "BIC", "PURP",
    "COAM", "OAMT", "MDAT", "SQTP", "ORCR", "ORMR", "DDAT",
)  # fmt: skip
_KEYWORD = re.compile(rf"\b({'|'.join(_KEYWORDS)})\+")
_SLASHED = re.compile(r"/([A-Z]{2,4})/")
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\b")
_CHARGES = re.compile(r"/CHGS/([A-Z]{3})([0-9]+,[0-9]*)")
_NO_REFERENCE = {"NOTPROVIDED", "NONREF", "NOT PROVIDED", ""}
# Business codes of the German banks for payments that came back.
_RETURNS = {"108", "109", "159", "184"}


@dataclass(frozen=True, slots=True)
class Details:
    name: str = ""
    iban: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    remittance: str = ""
    return_reason: str = ""
    code: str = ""


def read_details(raw: str) -> Details:
    # Lines are cut at 65 characters, in the middle of words.
    joined = "".join(line.rstrip("\r\n") for line in raw.splitlines())
    match = _STRUCTURED.match(joined)
    if match:
        return _structured(match[1], joined[match.end() - 1 :])
    if joined.startswith("/") and _SLASHED.match(joined):
        return _slashed(joined)
    return Details(iban=_only_iban(raw), remittance=clean(raw, 2000))


def charges_of(text: str, currency: str) -> str:
    """The amount of /CHGS/ as it is written, where it is in the account's currency."""
    match = _CHARGES.search(text)
    return match[2] if match and match[1] == currency else ""


def _structured(code: str, text: str) -> Details:
    parts = _SEGMENT.split(text)[1:]
    found: dict[str, str] = {}
    for number, value in zip(parts[::2], parts[1::2], strict=True):
        found[number] = found.get(number, "") + value
    purpose = _joined([v for n, v in found.items() if "20" <= n <= "29" or "60" <= n <= "63"])
    free, words = _by_keyword(purpose)
    account = compact(found.get("31", "")) or compact(words.get("IBAN", ""))
    text = " ".join(t for t in (words.get("SVWZ", ""), free) if t)
    return Details(
        name=clean(_joined([found.get("32", ""), found.get("33", "")]), 140)
        or clean(words.get("ABWA", "") or words.get("ABWE", ""), 140),
        iban=account if is_iban(account) else "",
        end_to_end_id=reference(words.get("EREF", "") or words.get("KREF", "")),
        mandate_id=reference(words.get("MREF", "")),
        remittance=clean(text or found.get("00", ""), 2000),
        return_reason=clean(found.get("34", "") or "?", 40) if code in _RETURNS else "",
        code=code,
    )


def _joined(parts: list[str]) -> str:
    """A line break stands where a segment ended before its full length."""
    text = ""
    for part in parts:
        text += part if len(part) >= _FULL else f"{part}\n"
    return text.strip("\n")


def _by_keyword(purpose: str) -> tuple[str, dict[str, str]]:
    """Free text, and the value of each keyword. A reference ends with its line; text does not."""
    parts = _KEYWORD.split(purpose)
    free, words = [parts[0]], {}
    for word, value in zip(parts[1::2], parts[2::2], strict=True):
        if word == "SVWZ":
            words[word] = value
            continue
        first, _, rest = value.strip().partition("\n")
        words.setdefault(word, first)
        free.append(rest)
    return " ".join(part.strip() for part in free if part.strip()), words


def _slashed(text: str) -> Details:
    parts = _SLASHED.split(text)
    words: dict[str, str] = {}
    for word, value in zip(parts[1::2], parts[2::2], strict=True):
        words.setdefault(word, value.strip("/"))
    account = compact(words.get("IBAN", "")) or _only_iban(text)
    remittance = words.get("REMI", "") or words.get("LIB", "") or words.get("REF", "")
    return Details(
        name=clean(words.get("NAME", "") or words.get("NPY", ""), 140),
        iban=account if is_iban(account) else "",
        end_to_end_id=reference(words.get("EREF", "")),
        mandate_id=reference(words.get("MARF", "")),
        remittance=clean(remittance.removeprefix("USTD//") or text, 2000),
        return_reason=clean(words.get("RTRN", ""), 40),
    )


def reference(text: str) -> str:
    found = clean(text, 70)
    return "" if found.upper() in _NO_REFERENCE else found


def _only_iban(text: str) -> str:
    found = {one for one in _IBAN.findall(text) if is_iban(one)}
    return found.pop() if len(found) == 1 else ""
