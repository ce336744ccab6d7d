"""What is looked at before a file is opened, and what was found: each number with its check, and who
stands in the directory already."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.directory.checking import checked
from app.directory.conflicts import find_alike, find_taken
from app.directory.data import LABELS, PartyData
from app.directory.endpoints import SAME_AS
from app.directory.models import SCHEMES, Party
from tenants.core.text import _m
from tenants.queries import get_tenant

SOUND = _m("sound: its check digits and its company fit")
NOT_CHECKED = _m("not checked: it has no check digits")
# What such a number says can be looked up in its register alone.
_WITHOUT_DIGITS = ("register", "tax_number", "other")


@dataclass(frozen=True, slots=True)
class Check:
    """`problems` is empty for what is sound, and for what has nothing to be `checked` by."""

    label: str
    value: str
    problems: Sequence[str]
    checked: bool

    @property
    def words(self) -> Sequence[str]:
        return self.problems or [SOUND if self.checked else NOT_CHECKED]


def checks_of(data: PartyData) -> list[Check]:
    """Of each number that is there, the e-invoice address among them."""
    company = get_tenant()
    found, problems = checked(data, language=company.document_language, country=company.country)
    return [
        Check(
            LABELS[name],
            str(getattr(found, name)),
            problems.get(name, []),
            checked=_checked(name, found),
        )
        for name in (*SCHEMES, "endpoint_value")
        if getattr(found, name)
    ]


def _checked(name: str, data: PartyData) -> bool:
    if name == "endpoint_value":
        return data.endpoint_scheme == "0225" or data.endpoint_scheme in SAME_AS
    return name not in _WITHOUT_DIGITS


def list_similar(data: PartyData) -> list[Party]:
    """Who has one of its numbers, then who has its name; each once."""
    company = get_tenant()
    found, _ = checked(data, language=company.document_language, country=company.country)
    rows = [one.party for one in find_taken(found)] + (find_alike(found) if found.name else [])
    return list({row.id: row for row in rows}.values())[:10]
