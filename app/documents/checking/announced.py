"""What an e-invoice says of itself, and the rule sets that follow from it."""

from __future__ import annotations

import xml.parsers.expat
from dataclasses import dataclass, field

from app.documents.checking import reading
from app.documents.checking.packs import packaged
from billing.taxes.territories import is_in_french_reform

EN = "urn:cen.eu:en16931:2017"
_CTC = f"{EN}#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr"
_XRECHNUNG = (":kosit:xrechnung", ":kosit:standard:xrechnung", ":kosit:extension:xrechnung")
_PEPPOL = "urn:fdc:peppol.eu:"
_LONGEST = 200
# Where the profile, the seller's and the buyer's place and the notes stand.
_CII = "CrossIndustryInvoice/"
_TRADE = f"{_CII}SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement/"
_SUPPLIER = "AccountingSupplierParty/Party/PostalAddress"
_CUSTOMER = "AccountingCustomerParty/Party/PostalAddress"
_PLACES = {
    f"{_CII}ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID": "profile",
    f"{_TRADE}SellerTradeParty/PostalTradeAddress/CountryID": "seller",
    f"{_TRADE}SellerTradeParty/PostalTradeAddress/PostcodeCode": "seller_postcode",
    f"{_TRADE}BuyerTradeParty/PostalTradeAddress/CountryID": "buyer",
    f"{_TRADE}BuyerTradeParty/PostalTradeAddress/PostcodeCode": "buyer_postcode",
    f"{_CII}ExchangedDocument/IncludedNote/Content": "note",
    f"{_CII}ExchangedDocument/IncludedNote/SubjectCode": "subject",
    **{
        f"{root}/{path}": name
        for root in ("Invoice", "CreditNote")
        for path, name in (
            ("CustomizationID", "profile"),
            (f"{_SUPPLIER}/Country/IdentificationCode", "seller"),
            (f"{_SUPPLIER}/PostalZone", "seller_postcode"),
            (f"{_CUSTOMER}/Country/IdentificationCode", "buyer"),
            (f"{_CUSTOMER}/PostalZone", "buyer_postcode"),
            ("Note", "ubl_note"),
        )
    },
}


@dataclass(slots=True)
class Announced:
    """`form` is cii or ubl, `profile` BT-24."""

    form: str
    profile: str = ""
    seller: str = ""
    buyer: str = ""
    seller_postcode: str = ""
    buyer_postcode: str = ""
    consumer: bool = False
    _note: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, value: str) -> None:
        if name in ("note", "subject"):
            self._note[name] = value
            self.consumer |= self._note == {"note": "B2C", "subject": "BAR"}
            if len(self._note) == 2:
                self._note = {}
        elif name == "ubl_note":
            self.consumer |= value.replace(" ", "").startswith("#BAR#B2C")
        elif not getattr(self, name):
            setattr(self, name, value)


def announced_in(content: bytes) -> Announced | None:
    """None for what is no e-invoice of a form that we know."""
    seen = reading.look(content)
    if seen.refused or not seen.form:
        return None
    found = Announced(seen.form)
    path: list[str] = []
    text: list[str] = []

    def started(name: str, attributes: dict[str, str]) -> None:
        path.append(name.rpartition(" ")[2])
        text.clear()

    def said(part: str) -> None:
        if sum(map(len, text)) < _LONGEST:
            text.append(part)

    def ended(name: str) -> None:
        place = _PLACES.get("/".join(path))
        if place is not None:
            found.take(place, "".join(text).strip()[:_LONGEST])
        path.pop()
        text.clear()

    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = started, ended
    parser.CharacterDataHandler = said
    try:
        parser.Parse(content, True)
    except xml.parsers.expat.ExpatError:
        # What it said so far; the rules say what is wrong with the file.
        return found
    return found


def rule_sets(of: Announced) -> tuple[str, ...]:
    """Those of its profile and those of the receiver's country. For a profile that we have no rules
    of, its own name stands among them: it is then said not to be checked, and never "valid"."""
    chosen = _cii(of.profile) if of.form == "cii" else _ubl(of.profile)
    sides = ((of.seller, of.seller_postcode), (of.buyer, of.buyer_postcode))
    french = all(is_in_french_reform(*one) for one in sides)
    if french and not of.consumer:
        return (*chosen, f"br-fr-{of.form}")
    return chosen


def _cii(profile: str) -> tuple[str, ...]:
    if _is_xrechnung(profile):
        extended = not profile.startswith(f"{EN}#compliant#")
        structure = "cii-xsd" if extended else "facturx-xsd:en16931"
        return (structure, "cen-cii", "kosit-xrechnung-cii")
    if profile == _CTC:
        return ("facturx-xsd:extended-ctc-fr", "ctc-fr-cii")
    for name, pack in packaged().items():
        if name.startswith("facturx-xsd:") and pack.profiles == (profile,):
            return (name, name.replace("-xsd:", "-schematron:"))
    if not profile:
        return ("facturx-xsd:en16931", "facturx-schematron:en16931")
    if profile.startswith(f"{EN}#compliant#"):
        return ("facturx-xsd:en16931", "facturx-schematron:en16931", profile)
    return ("cii-xsd", profile)


def _ubl(profile: str) -> tuple[str, ...]:
    if _is_xrechnung(profile):
        return ("ubl-xsd", "cen-ubl", "kosit-xrechnung-ubl")
    if _PEPPOL in profile:
        return ("ubl-xsd", "cen-ubl", "peppol-ubl")
    if profile == _CTC:
        return ("ubl-xsd", "ctc-fr-ubl")
    if profile in ("", EN):
        return ("ubl-xsd", "cen-ubl")
    if profile.startswith(f"{EN}#compliant#"):
        return ("ubl-xsd", "cen-ubl", profile)
    return ("ubl-xsd", profile)


def _is_xrechnung(profile: str) -> bool:
    return any(name in profile for name in _XRECHNUNG)
