import re

# Control and direction characters would let a text pretend to be another one.
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def clean(raw: str, limit: int) -> str:
    return _BLANKS.sub(" ", raw).strip()[:limit]
