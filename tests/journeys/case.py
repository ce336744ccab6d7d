"""One request of one company, in one language, by people who work in one way."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.effort import PROVE
from tests.journeys.hands import Hands, Way, options
from tests.journeys.story import OPERATOR, SUPERVISOR
from tests.journeys.visits import People
from tests.journeys.words import said

__all__ = ["OPERATOR", "SUPERVISOR", "Case"]


@dataclass
class Case:
    people: People
    story: str
    language: str
    way: Way
    slug: str
    code: str
    number: int = 0
    # a word that nothing else of the system holds
    token: str = ""
    links_before: frozenset[str] = frozenset()
    # its code
    deadline: str = ""

    def __post_init__(self) -> None:
        others = self.people.system.value("SELECT count(*) FROM requests")
        self.token = f"Zulu{others}{self.language}{self.way}"

    def say(self, source: str, **values: object) -> str:
        return said(self.language, source, **values)

    def starts(self, source: str) -> re.Pattern[str]:
        """What a button begins with; its key stands behind."""
        return re.compile("^" + re.escape(self.say(source)))

    def email(self, who: str) -> str:
        return f"{who}@{self.slug}.example"

    @property
    def path(self) -> str:
        return f"/c/{self.slug}/requests/{self.number}"

    @contextmanager
    def at(self, email: str | None, path: str = "/") -> Iterator[Hands]:
        with self.people.visit(email, **options(self.way, self.language)) as visit:
            visit.go(path).settle()
            assert visit.page.get_attribute("html", "lang") == self.language
            yield Hands(visit, self.way)

    def look(self, hands: Hands, name: str, *, again: bool = False) -> None:
        """A proof and a picture; under `make prove` at night too, and `again` what looks much like
        another page of the story."""
        if again and not PROVE:
            return
        visit, name = hands.visit, f"{self.story}-{self.language}-{self.way}-{name}"
        visit.station(name)
        if PROVE:
            visit.page.emulate_media(color_scheme="dark")
            visit.shot(f"{name}-nuit")
            visit.axe(f"{name}, dark")
            visit.page.emulate_media(color_scheme="light")

    def raised(self, page: Page) -> None:
        page.wait_for_url(re.compile(rf"/c/{self.slug}/requests/\d+$"))
        self.number = int(page.url.rsplit("/", 1)[1])

    def state(self, page: Page, source: str) -> None:
        expect(page.locator(".detail-state")).to_contain_text(self.say(source))

    def button(self, page: Page | Locator, source: str, **values: object) -> Locator:
        words = re.escape(self.say(source, **values))
        return page.get_by_role("button", name=re.compile(f"^{words}( |$)"))

    def opened(self, page: Page | Locator, source: str) -> Locator:
        """The head of what folds out."""
        return page.locator("summary", has_text=re.compile(re.escape(self.say(source))))
