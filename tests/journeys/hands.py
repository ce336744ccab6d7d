"""The same acts with a mouse, with a finger on a phone, or with the keys alone."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from playwright.sync_api import Locator, Page, expect

from tests.journeys.keyboard import Keyboard
from tests.journeys.visits import DESKTOP, PHONE, Visit

Way = Literal["mouse", "phone", "keys"]
LOCALES = {"fr": "fr-FR", "de": "de-DE", "en": "en-GB"}


def options(way: Way, language: str) -> dict[str, Any]:
    """Of the browser that such a person has."""
    if way == "phone":
        handset = {"viewport": PHONE, "is_mobile": True, "has_touch": True}
        return {**handset, "locale": LOCALES[language]}
    return {"viewport": DESKTOP, "locale": LOCALES[language]}


@dataclass
class Hands:
    visit: Visit
    way: Way

    @property
    def page(self) -> Page:
        return self.visit.page

    @property
    def _keyboard(self) -> Keyboard:
        return Keyboard(self.visit)

    def press(self, goal: Locator) -> None:
        """A link or a button."""
        expect(goal).to_be_visible()
        if self.way == "keys":
            self._keyboard.enter(goal)
        elif self.way == "phone":
            goal.tap()
        else:
            goal.click()

    def key(self, key: str, goal: Locator) -> None:
        """By the key that the page offers, or by the button that carries it."""
        expect(goal).to_be_visible()
        if self.way == "keys":
            self.page.keyboard.press(key)
        else:
            self.press(goal)

    def write(self, goal: Locator, words: str) -> None:
        expect(goal).to_be_visible()
        if self.way != "keys":
            goal.fill(words)
            return
        self._keyboard.to(goal)
        if goal.get_attribute("type") == "date":
            self._type_day(goal, date.fromisoformat(words))
        else:
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(words)

    def _type_day(self, goal: Locator, day: date) -> None:
        """Day or month first, as the browser is set up."""
        for order in ("%d%m%Y", "%m%d%Y"):
            self.page.keyboard.type(day.strftime(order))
            if goal.input_value() == day.isoformat():
                return
            for _ in range(2):
                self.page.keyboard.press("ArrowLeft")
        raise AssertionError(f"{day} can't be typed")

    def choose(self, goal: Locator, value: str) -> None:
        """An option of a list."""
        if self.way != "keys":
            goal.select_option(value)
            return
        self._keyboard.to(goal)
        at = [str(one.get_attribute("value")) for one in goal.locator("option").all()]
        steps = at.index(value) - at.index(goal.input_value())
        for _ in range(abs(steps)):
            self.page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
        expect(goal).to_have_value(value)

    def tick(self, goal: Locator) -> None:
        """A box, or one of several round ones."""
        if self.way == "keys":
            self._keyboard.to(goal)
            self.page.keyboard.press("Space")
        elif self.way == "phone":
            goal.tap()
        else:
            goal.click()

    def pick(self, name: str, value: str) -> None:
        """One of the round boxes of that name."""
        goal = self.page.locator(f"input[type=radio][name={name}][value='{value}']")
        if self.way != "keys":
            goal.check()
            return
        group = self.page.locator(f"input[type=radio][name={name}]")
        chosen = self.page.locator(f"input[type=radio][name={name}]:checked")
        self._keyboard.to(chosen if chosen.count() else group.first)
        self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if goal.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        expect(goal).to_be_checked()

    def attach(self, goal: Locator, file: Any) -> None:
        """The window in which one chooses a file is the browser's own."""
        if self.way == "keys":
            self._keyboard.to(goal)
        goal.set_input_files(file)
