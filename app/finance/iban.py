import re

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_SPACES = re.compile(r"[\s.-]+")


def compact(text: str) -> str:
    return _SPACES.sub("", text).upper()


def mod97_is_one(text: str) -> bool:
    """The ISO 7064 check shared by IBANs and RF creditor references."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def is_iban(text: str) -> bool:
    return bool(_SHAPE.fullmatch(text)) and mod97_is_one(text)
