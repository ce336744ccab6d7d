"""Who plays in the demonstration: the provider's people and three client companies."""

from dataclasses import dataclass
from uuid import UUID

from tenants.models import SERVICE_LINES

LINES = tuple(SERVICE_LINES)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """`role` is the name in the list of accounts; `mailbox` stands before the @."""

    mailbox: str
    name: str
    role: str

    @property
    def needs_second_factor(self) -> bool:
        return self.role != "client_user"


@dataclass(frozen=True, slots=True)
class DemoClient:
    """Ids are fixed, so that a second seeding finds the first one's companies."""

    id: UUID
    slug: str
    name: str
    code: str
    colour: str
    country: str
    language: str
    time_zone: str
    legal_form: str
    registration_number: str
    vat_id: str
    people: tuple[DemoPerson, ...]

    def email(self, person: DemoPerson) -> str:
        return f"{person.mailbox}@{self.slug}.example"


# Looks at the books of the first client from outside.
ACCOUNTANT = DemoPerson("accountant", "Sylvie Garnier", "guest")


def _people(user: str, approver: str, admin: str) -> tuple[DemoPerson, ...]:
    return (
        DemoPerson("user", user, "client_user"),
        DemoPerson("approver", approver, "client_approver"),
        DemoPerson("admin", admin, "client_admin"),
    )


CLIENTS = (
    DemoClient(
        id=UUID("00000000-0000-7000-8000-00000000000a"),
        slug="lentier",
        name="Conserverie Lentier",
        code="LEN",
        colour="#0f6b4f",
        country="FR",
        language="fr",
        time_zone="Europe/Paris",
        legal_form="SAS",
        registration_number="812746055",
        vat_id="FR05812746055",
        people=(*_people("Léa Morvan", "Étienne Lentier", "Claire Dubosc"), ACCOUNTANT),
    ),
    DemoClient(
        id=UUID("00000000-0000-7000-8000-00000000000b"),
        slug="hallertau",
        name="Hallertauer Futtermittel",
        code="HAF",
        colour="#8a4b08",
        country="DE",
        language="de",
        time_zone="Europe/Berlin",
        legal_form="GmbH",
        registration_number="Ingolstadt HRB 98765",
        vat_id="DE817345900",
        people=_people("Jonas Reiter", "Sabine Holzner", "Matthias Kröll"),
    ),
    DemoClient(
        id=UUID("00000000-0000-7000-8000-00000000000c"),
        slug="forgeval",
        name="Forgeval Industrie",
        code="FOV",
        colour="#5b3a9b",
        country="FR",
        language="fr",
        time_zone="Europe/Paris",
        legal_form="SA",
        registration_number="905182374",
        vat_id="FR27905182374",
        people=_people("Nadia Ferrand", "Olivier Castan", "Hélène Bricout"),
    ),
)
STAFF = (
    DemoPerson("operator1", "Inès Vidal", "operator"),
    DemoPerson("operator2", "Paul Keller", "operator"),
    DemoPerson("supervisor", "Marianne Osterloh", "supervisor"),
    DemoPerson("admin", "Thomas Bélanger", "provider_admin"),
    DemoPerson("admin2", "Claire Rousset", "provider_admin"),
)
STAFF_DOMAIN = "coulisse.example"
# By mailbox: which clients are open to this person, and at which level.
GRANTS = {
    "operator1": (tuple(client.slug for client in CLIENTS), "work"),
    "operator2": (("hallertau",), "work"),
    "supervisor": (tuple(client.slug for client in CLIENTS), "review"),
}
# As the provider's administrator writes it, in the client's language.
REASON = {
    "fr": {"work": "Contrat de services", "review": "Supervision du contrat de services"},
    "de": {"work": "Dienstleistungsvertrag", "review": "Aufsicht über den Dienstleistungsvertrag"},
}
GUEST_LINES = ("finance", "administration")
GUEST_REASON = {"fr": "Comptes annuels", "de": "Jahresabschluss"}
