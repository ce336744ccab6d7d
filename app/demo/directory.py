"""Whom the demonstration's companies sell to and buy from, and what stands on their invoices and on
those of their provider."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.demo.cast import DemoClient
from app.demo.payments import COMPANIES
from app.demo.requests import operator_of
from app.directory.data import PartyData
from app.directory.queries import list_parties
from app.directory.services.parties import create_party
from app.finance.sales_invoices.queries import find_settings
from app.finance.sales_invoices.services.settings import set_provider_settings, set_settings
from tenants.permissions import Actor, system_actor

SELLERS: Mapping[str, Mapping[str, str]] = {
    "lentier": {
        "street": "12 quai Pénéroff", "postcode": "29900", "city": "Concarneau",
        "legal_text": "SAS au capital de 180 000 €, RCS Quimper 812 746 055",
        "electronic_scheme": "0225", "electronic_address": "812746055", "bic": "BNPAFRPP",
        "contact": "Claire Dubosc", "phone": "+33 2 98 00 00 00",
        "email": "compta@lentier.example",
    },
    "hallertau": {
        "street": "Hopfenring 4", "postcode": "85283", "city": "Wolnzach",
        "legal_id": "HRB 98765", "legal_text": "Amtsgericht Ingolstadt HRB 98765",
        "electronic_scheme": "EM", "electronic_address": "rechnung@hallertau.example",
        "bic": "BYLADEM1PAF", "contact": "Matthias Kröll", "phone": "+49 8442 0000",
        "email": "buchhaltung@hallertau.example",
    },
}  # fmt: skip
PROVIDER: Mapping[str, str] = {
    "street": "8 rue de la Scène", "postcode": "75011", "city": "Paris",
    "legal_id": "812900009", "vat_id": "FR50812900009",
    "legal_text": "SAS au capital de 60 000 €, RCS Paris 812 900 009",
    "electronic_scheme": "0225", "electronic_address": "812900009",
    "iban": "FR7630004008230001020304034", "bic": "BNPAFRPP", "contact": "Comptabilité",
    "phone": "+33 1 40 00 00 00", "email": "compta@coulisse.example",
}  # fmt: skip


def _french(
    name: str, siren: str, vat: str, street: str, postcode: str, city: str, person: str, days: int
) -> PartyData:
    mailbox = "".join(char for char in name.lower() if char.isascii() and char.isalpha())
    return PartyData(
        name=name, siren=siren, vat=vat, billing_street=street, billing_postcode=postcode,
        billing_city=city, billing_country="FR", endpoint_scheme="0225", endpoint_value=siren,
        contact_name=person, contact_email=f"compta@{mailbox}.example", payment_days=days,
    )  # fmt: skip


def _german(
    name: str, vat: str, street: str, postcode: str, city: str, person: str, days: int
) -> PartyData:
    mailbox = "".join(char for char in name.lower() if char.isascii() and char.isalpha())
    mail = f"rechnung@{mailbox}.example"
    return PartyData(
        name=name, vat=vat, billing_street=street, billing_postcode=postcode, billing_city=city,
        billing_country="DE", endpoint_scheme="EM", endpoint_value=mail, contact_name=person,
        contact_email=mail, payment_days=days,
    )  # fmt: skip


PARTIES: Mapping[str, Sequence[PartyData]] = {
    "lentier": (
        _french("Épicerie du Marché SARL", "901100214", "FR88901100214", "3 place du Marché",
                "56000", "Vannes", "Yann Le Bihan", 30),
        _french("Grossiste Aubrac SAS", "901100321", "FR21901100321", "18 avenue de Rodez",
                "12210", "Laguiole", "Sophie Vidal", 45),
        _french("Cantines de l'Ouest", "901100438", "FR81901100438", "40 boulevard Laennec",
                "35000", "Rennes", "Marc Le Roux", 30),
        _french("Comptoir Maréchal SA", "901100545", "FR14901100545", "7 rue Crébillon",
                "44000", "Nantes", "Julie Maréchal", 30),
        _german("Feinkost Alster GmbH", "DE301100216", "Alsterufer 20", "20354", "Hamburg",
                "Jan Petersen", 30).changed(
                    {"delivery_street": "Lagerstraße 11", "delivery_postcode": "20357",
                     "delivery_city": "Hamburg", "delivery_country": "DE"}),
        _french("Verrerie de Fougères SAS", "901100651", "FR41901100651", "ZI de la Guénaudière",
                "35300", "Fougères", "Paul Hamon", 60).changed(
                    {"customer": False, "supplier": True}),
    ),
    "hallertau": (
        _german("Agrarhandel Wolnzach GmbH", "DE301100329", "Marktplatz 2", "85283", "Wolnzach",
                "Erika Sedlmeier", 14),
        _german("Milchhof Aiglsbach eG", "DE301100431", "Molkereiweg 1", "84089", "Aiglsbach",
                "Franz Huber", 30),
        PartyData(
            name="Landgestüt Oberland", kind="public_body", leitweg="04011000-1234512345-06",
            billing_street="Schlossallee 9", billing_postcode="82319", billing_city="Starnberg",
            billing_country="DE", endpoint_scheme="0204", endpoint_value="04011000-1234512345-06",
            contact_name="Renate Kolb", contact_email="einkauf@landgestuet.example",
            payment_days=30,
        ),
        _german("Mühle Schneider GmbH", "DE301100546", "Am Mühlbach 7", "85276",
                "Pfaffenhofen", "Toni Schneider", 30).changed(
                    {"customer": False, "supplier": True}),
    ),
}  # fmt: skip


def fill_directory(client: DemoClient, now: datetime) -> None:
    """Only where nobody is yet."""
    if client.slug not in PARTIES or list_parties(limit=1).items:
        return
    actor = operator_of(client)
    for data in PARTIES[client.slug]:
        create_party(data=data, actor=actor, now=now)
    if find_settings() is None:
        iban, _ = COMPANIES[client.slug]
        set_settings(
            values={**SELLERS[client.slug], "iban": iban}, actor=system_actor(client.id), now=now,
            real_now=now,
        )  # fmt: skip


def fill_provider(actor: Actor, now: datetime) -> None:
    """What stands on the invoices of subscriptions, so that they pass their rules."""
    if find_settings() is None:
        set_provider_settings(values=dict(PROVIDER), actor=actor, now=now, real_now=now)
