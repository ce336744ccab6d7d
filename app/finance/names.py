import functools
import re

from app.finance.references import fold

_WORDS = re.compile(r"[A-Z0-9]+")
# German letters are written out or not, as the payer's bank likes.
_SPELLED = (("AE", "A"), ("OE", "O"), ("UE", "U"))
_DOTTED = re.compile(r"\b(?:[A-Z]\.\s?){2,}(?:[A-Z]\b)?")
_FORMS = frozenset(
    """
    SARL SAS SASU SA SCI SNC EURL EI EIRL SCOP SELARL SCP GIE SE GMBH MBH AG KG KGAA OHG UG GBR
    EK EV EG EKFR EKFM CO COKG HAFTUNGSBESCHRANKT LTD LIMITED PLC LLC LLP INC CORP BV NV VOF
    BVBA SPRL SRL SPA SL SLU OY AB AS APS SPZOO DOO
    M MR MME MLLE HERR FRAU MONSIEUR MADAME DR ET UND AND DE DU DES LA LE LES DER DIE DAS
    """.split()  # noqa: SIM905 - words as text read better than seventy quoted ones
)


@functools.lru_cache(maxsize=50_000)
def name_tokens(name: str) -> frozenset[str]:
    """The words of a name that tell one company from another."""
    folded = _DOTTED.sub(lambda m: re.sub(r"[.\s]", "", m.group()) + " ", fold(name))
    words = _WORDS.findall(folded)
    kept = [w for w in words if w not in _FORMS and len(w) > 1] or words
    return frozenset(_spell(w) for w in kept)


def _spell(word: str) -> str:
    for long, short in _SPELLED:
        word = word.replace(long, short)
    return word


def likeness(left: frozenset[str], right: frozenset[str]) -> int:
    """0 to 100; 100 the same words, from 80 one name stands whole inside the other."""
    if not left or not right:
        return 0
    common = left & right
    if left == right:
        return 100
    weight = sum(len(w) for w in common)
    if common in (left, right):
        return 80 if weight >= 4 else 0
    total = sum(len(w) for w in left | right)
    score = weight * 100 // total
    return score if score >= 50 else 0
