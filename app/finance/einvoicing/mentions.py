"""What a country's law wants written on an invoice beside its figures, as notes (BG-1). Dated: a wording
holds from a day to a day, and an invoice bears those of the day it was issued on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.finance.einvoicing.document import Address, Note
from app.finance.einvoicing.places import is_french_business, law_of

# UNTDID 4451, as France and Germany read it.
RECOVERY_COSTS, LATE_PENALTY, DISCOUNT, TREATMENT = "PMT", "PMD", "AAB", "BAR"
SELLER_REGISTER, TAX_GROUP = "REG", "TXD"
FRENCH_COMPULSORY = (RECOVERY_COSTS, LATE_PENALTY, DISCOUNT)
# BT-22 of the note BAR: how the French tax office is told of the invoice.
B2B, B2B_ABROAD, B2C, OUT_OF_SCOPE = "B2B", "B2BINT", "B2C", "OUTOFSCOPE"
TREATMENTS = (B2B, B2B_ABROAD, B2C, OUT_OF_SCOPE, "ARCHIVEONLY")
TAX_GROUP_TEXT = "MEMBRE_ASSUJETTI_UNIQUE"


@dataclass(frozen=True, kw_only=True)
class Mention:
    """`when` is empty for what every invoice bears; some are of trade between companies alone."""

    country: str
    code: str
    texts: Mapping[str, str]
    when: str = ""
    to_companies: bool = False
    since: date
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


DEBITS, PRIVATE_WORKS = "debits", "private_works"
MENTIONS = (
    Mention(
        country="FR", code=RECOVERY_COSTS, to_companies=True, since=date(2013, 1, 1),
        texts={
            "fr": "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €.",
            "de": "Pauschale für Beitreibungskosten bei Zahlungsverzug: 40 €.",
            "en": "Fixed compensation for recovery costs in case of late payment: 40 €.",
        },
    ),
    Mention(
        country="FR", code=LATE_PENALTY, to_companies=True, since=date(2009, 1, 1),
        texts={
            "fr": "En cas de retard de paiement, pénalités au taux de trois fois le taux d’intérêt légal.",
            "de": "Bei Zahlungsverzug fallen Zinsen in dreifacher Höhe des gesetzlichen französischen"
                  " Zinssatzes an.",
            "en": "Late payment bears interest at three times the French legal rate.",
        },
    ),
    Mention(
        country="FR", code=DISCOUNT, to_companies=True, since=date(2009, 1, 1),
        texts={
            "fr": "Pas d’escompte pour paiement anticipé.",
            "de": "Kein Skonto bei vorzeitiger Zahlung.",
            "en": "No discount for early payment.",
        },
    ),
    Mention(
        country="FR", code="", when=DEBITS, since=date(2022, 10, 1),
        texts={
            "fr": "Option pour le paiement de la taxe d’après les débits.",
            "de": "Umsatzsteuer nach vereinbarten Entgelten (Option „débits“).",
            "en": "VAT paid on debits (French option).",
        },
    ),
    Mention(
        country="DE", code="", when=PRIVATE_WORKS, since=date(2004, 8, 1),
        texts={
            "fr": "Le client conserve cette facture pendant deux ans (§ 14b UStG).",
            "de": "Der Leistungsempfänger bewahrt diese Rechnung zwei Jahre auf (§ 14b Abs. 1 UStG).",
            "en": "The buyer keeps this invoice for two years (§ 14b UStG).",
        },
    ),
)  # fmt: skip


def notes_for(
    *,
    seller_country: str,
    on: date,
    language: str,
    treatment: str = "",
    cases: tuple[str, ...] = (),
    own: Mapping[str, str] | None = None,
    tax_group: bool = False,
) -> tuple[Note, ...]:
    """`own` are the tenant's wordings by code, in place of the usual ones; further codes are added.
    `treatment` as `treatment_of` gives it."""
    law, consumer = law_of(seller_country), treatment == B2C
    own = {
        code: text
        for code, text in (own or {}).items()
        if not (consumer and code in FRENCH_COMPULSORY)
    }
    notes = [
        Note(code=one.code, text=own.pop(one.code, "") or _text(one, language))
        for one in MENTIONS
        if one.country == law
        and one.holds_on(on)
        and (not one.when or one.when in cases)
        and not (consumer and one.to_companies)
    ]
    notes += [Note(code=code, text=text) for code, text in own.items() if text]
    if law == "FR" and treatment:
        notes.append(Note(code=TREATMENT, text=treatment))
    if law == "FR" and tax_group:
        notes.append(Note(code=TAX_GROUP, text=TAX_GROUP_TEXT))
    return tuple(notes)


def treatment_of(*, buyer: Address, buyer_is_company: bool) -> str:
    if not buyer_is_company:
        return B2C
    return B2B if is_french_business(buyer) else B2B_ABROAD


def _text(one: Mention, language: str) -> str:
    return one.texts.get(language[:2]) or one.texts["en"]
