"""What a client can ask for, as the rest of the product reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from marshmallow import Schema

from app.catalogue.forms import form_of
from app.catalogue.parts import FileSlot, FormField, Result, Step
from tenants.core.text import Words


@dataclass(frozen=True, eq=False)
class CatalogueItem:
    """One version of an item, which never changes. `job` names the work that starts when a request
    is raised; `gated` items need the client's approval before they count as delivered: of
    `approvals` people, confirmed by a code where `code_asked`, which money and payroll always are.
    `review` says whether a second person checks the result: 'always', 'sampled' or 'never'.
    `countries` are those of the companies that it is offered to; none means all. `restricted` says
    by country how far the law lets anybody but the licensed professions go."""

    code: str
    version: int
    line: str
    title: Words
    summary: Words
    icon: str
    fields: tuple[FormField, ...]
    files: tuple[FileSlot, ...]
    steps: tuple[Step, ...]
    results: tuple[Result, ...]
    meters: tuple[str, ...]
    countries: tuple[str, ...]
    restricted: Mapping[str, Words]
    gated: bool
    working_days: int
    job: str | None
    review: str
    approvals: int
    code_asked: bool
    cut_off: tuple[str, int] | None

    @cached_property
    def schema(self) -> type[Schema]:
        return form_of(self.code, self.fields)

    @cached_property
    def titled(self) -> bool:
        """The client gives a subject of its own."""
        return any(one.name == "title" for one in self.fields)

    @cached_property
    def has_period(self) -> bool:
        return any(one.name == "period" for one in self.fields)

    def offered_in(self, country: str) -> bool:
        return not self.countries or country in self.countries

    def limit_in(self, country: str) -> Words | None:
        """What the law restricts there, in words for the client and the operator."""
        return self.restricted.get(country)

    def step_words(self, label: str) -> str:
        """A step's label in all languages, found by its English one, as requests keep it."""
        return next((one.label for one in self.steps if one.label == label), label)
