"""A person without a mouse: Tab, Enter, Space, arrows and what they type."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, expect

from tests.journeys.visits import Visit

# The editor of an item has the longest way to its end.
FARTHEST = 140
# Where the focus is, whether an outline shows it, and whether one sees the place at all.
STOP = """() => {
  const at = document.activeElement;
  const outlined = (one) => one && getComputedStyle(one).outlineStyle !== 'none'
    && parseFloat(getComputedStyle(one).outlineWidth) >= 2;
  const near = [at, at.parentElement, at.parentElement?.parentElement];
  const box = near.find(outlined)?.getBoundingClientRect();
  return {
    what: at.outerHTML.slice(0, 200),
    body: at === document.body,
    shown: near.some(outlined),
    inside: !!box && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


@dataclass
class Keyboard:
    visit: Visit

    @property
    def keys(self) -> Any:
        return self.visit.page.keyboard

    def to(self, goal: Locator, *, back: bool = False) -> "Keyboard":
        """By Tab alone; each place that it stops at is seen."""
        expect(goal).to_have_count(1)
        for _ in range(FARTHEST):
            if goal.evaluate("one => one === document.activeElement"):
                return self
            self.keys.press("Shift+Tab" if back else "Tab")
            self._stop()
        raise AssertionError(f"no Tab leads to {goal}")

    def _stop(self) -> None:
        found = self.visit.page.evaluate(STOP)
        if found["body"]:
            return
        assert found["shown"], f"{self.visit.page.url}: the focus is not shown on {found['what']}"
        assert found["inside"], f"{self.visit.page.url}: out of sight: {found['what']}"

    def enter(self, goal: Locator) -> None:
        self.to(goal)
        self.keys.press("Enter")

    def write(self, goal: Locator, words: str) -> None:
        self.to(goal)
        self.keys.type(words)
