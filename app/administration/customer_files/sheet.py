"""The sheet of a customer file: all that the directory knows of it, and what it was taken from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from babel.dates import format_date

from app.administration.customer_files.looking import checks_of
from app.directory.data import LABELS
from app.directory.models import Party
from app.directory.queries import Parts
from app.directory.schemas import KINDS, LANGUAGE_NAMES
from app.directory.showing import AddressCard, card_of, data_of
from app.documents.language import translator
from app.documents.printing.glyphs import unprintable_in
from app.documents.printing.letterheads import Sheet
from app.documents.templating.previewing import local
from app.documents.templating.queries import get_letterhead
from tenants.core.errors import Invalid
from tenants.core.text import _m

UNPRINTABLE = _m("“%(character)s” (%(name)s) in “%(value)s” can't be printed: none of our fonts has it.")  # fmt: skip
ROLES = {"customer": _m("Customer"), "supplier": _m("Supplier")}
_LOCALES = {"fr": "fr", "de": "de", "en": "en_GB"}
Rows = list[tuple[str, str]]


class NotPrintable(Invalid):
    code = "not_printable"
    message = UNPRINTABLE


def sheet_of(
    party: Party, parts: Parts, *, files: Sequence[Any], language: str, now: datetime, code: str,
    verify_address: str,
) -> Sheet:  # fmt: skip
    """NotPrintable names the first character that no font has."""
    rows = _rows(party, parts, files, language)
    for text in (party.name, *(cell for row in rows for cell in row)):
        for found in unprintable_in(text):
            raise NotPrintable(character=found.shown, name=found.name, value=text[:60])
    return Sheet(
        "cover", {"subject": party.name, "body": [], "closing": []}, get_letterhead(), language,
        local(now), rows=rows, code=code, verify_address=verify_address,
    )  # fmt: skip


def _rows(party: Party, parts: Parts, files: Sequence[Any], language: str) -> Rows:
    say = translator(language)
    card = card_of(party, parts)
    found: Rows = [
        (say(_m("Number in the directory")), str(party.number)),
        (say(_m("Number in your books")), party.reference),
        (say(_m("Role")), ", ".join(say(ROLES[role]) for role in party.roles)),
        (say(_m("Kind")), say(KINDS[party.kind])),
        (say(_m("Legal form")), party.legal_form),
        (say(_m("Language")), LANGUAGE_NAMES[party.language]),
    ]
    for one in checks_of(data_of(party, parts)):
        if one.label != LABELS["endpoint_value"] or one.problems:
            said = " ".join(say(text) for text in one.words)
            found.append((say(one.label), f"{one.value}\n{said}"))
    titles = {"billing": say(_m("Billing address")), "delivery": say(_m("Delivery address"))}
    for row in parts.addresses:
        place = AddressCard(
            name=row.name, street=row.street, house_number=row.house_number, extra=row.extra,
            country=row.country,
        )  # fmt: skip
        town = " ".join(one for one in (row.postcode, row.city, row.region, row.country) if one)
        found.append((titles[row.kind], "\n".join(x for x in (row.name, *place.lines, town) if x)))
    for end in parts.endpoints:
        found.append((say(_m("E-invoice address")), _endpoint(end, say, language)))
    for who in card.contacts:
        told = ", ".join(one for one in (who.name, who.job, who.email, who.phone) if one)
        found.append((say(_m("Contact")), told))
    for account in parts.accounts:
        if account.state in ("active", "quarantined"):
            found.append((say(_m("Bank account")), _account(account, say)))
    found += [
        (say(_m("Days to pay")), _days(party, say)),
        (say(_m("Terms of payment")), party.payment_text),
        (say(_m("Currency")), party.currency),
        (say(_m("Reference of the buyer")), party.buyer_reference),
    ]
    found += [(say(_m("Document")), f"{one.name}\nSHA-256 {one.sha256}") for one in files]
    return [(label, value) for label, value in found if value]


def _account(account: Any, say: Any) -> str:
    told = f"{account.iban_shown} {account.bank_name}"
    if account.state == "quarantined":
        told += "\n" + say(_m("not released yet: nothing is paid to it"))
    return told


def _days(party: Party, say: Any) -> str:
    days = [] if party.payment_days is None else [str(party.payment_days)]
    if party.end_of_month:
        days.append(say(_m("due at the end of the month")))
    return ", ".join(days)


def _endpoint(end: Any, say: Any, language: str) -> str:
    def day(value: Any) -> str:
        return str(format_date(value, "long", locale=_LOCALES[language]))

    told = f"{end.scheme}:{end.value}"
    if end.valid_from:
        told += "\n" + say(_m("Holds from")) + " " + day(end.valid_from)
    if end.valid_until:
        told += "\n" + say(_m("Holds until")) + " " + day(end.valid_until)
    return told
