import re

# Control and direction characters would let a text pretend to be another one.
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
# Bytes that Windows-1252 leaves undefined but the old DOS table uses for letters.
_ONLY_CP850 = frozenset(b"\x81\x8d\x8f\x90\x9d")


def clean(raw: str, limit: int) -> str:
    return _BLANKS.sub(" ", raw).strip()[:limit]


def decode(data: bytes) -> str:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        encoding = "cp850" if _ONLY_CP850.intersection(data) else "cp1252"
        return data.decode(encoding, errors="replace")
