"""BT-23 as France reads it, the frame of an invoice: a letter for what was sold, a digit for the case
it is of."""

from app.finance.einvoicing.document import InvoiceDocument

GOODS, SERVICES, MIXED = "goods", "services", "mixed"
NATURES = (GOODS, SERVICES, MIXED)
_LETTERS = {GOODS: "B", SERVICES: "S", MIXED: "M"}
_NATURES = {letter: nature for nature, letter in _LETTERS.items()}

USUAL, PAID, FINAL = "1", "2", "4"
# What the French rule BR-FR-08 takes.
FRAMES = (
    "B1", "S1", "M1", "B2", "S2", "M2", "S3", "B4", "S4", "M4", "S5", "S6", "B7", "S7",
    "B8", "S8", "M8", "B9", "S9", "M9",
)  # fmt: skip
# XRechnung and Peppol have one process of their own there.
PEPPOL_BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"


def frame(nature: str, *, paid: bool = False, after_deposit: bool = False) -> str:
    """`paid`: wholly paid before it was issued; `after_deposit`: the final one, whose deposits it takes
    off. A final invoice that leaves nothing to pay is a final one still."""
    return _LETTERS[nature] + (FINAL if after_deposit else PAID if paid else USUAL)


def nature_of(text: str) -> str:
    """Empty for a frame of another country's."""
    return _NATURES.get(text[:1], "") if text in FRAMES else ""


def is_paid(document: InvoiceDocument) -> bool:
    return document.frame[1:] == PAID and document.frame in FRAMES


def is_final(document: InvoiceDocument) -> bool:
    return document.frame[1:] == FINAL and document.frame in FRAMES
