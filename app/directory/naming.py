"""Names as they are compared: without case, accents, points and the form of company."""

import re
import unicodedata

_FORMS = frozenset(
    """
    sarl sas sasu sa sci snc eurl ei gmbh mbh ag kg kgaa ohg ug gbr ek ev eg co ltd limited plc llc
    inc bv nv srl spa sl se
    """.split()  # noqa: SIM905 - words as text read better
)
_DOTTED = re.compile(r"\b(?:[a-z]\.\s?){2,}(?:[a-z]\b)?")


def name_key(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    plain = _DOTTED.sub(lambda found: re.sub(r"[.\s]", "", found.group()) + " ", plain)
    words = re.findall(r"\w+", plain)
    kept = [word for word in words if word not in _FORMS] or words
    return " ".join(kept) or plain.strip()
