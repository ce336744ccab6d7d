"""axe's judgement of a page. What looks alike is judged alike: for every change a part is left out
whose shape was judged in the same surroundings before; under `make prove` all of it is judged."""

from collections import defaultdict
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

from tests.effort import PROVE

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
    "resultTypes": ["violations"],
}
PROGRAM = Axe().axe_script
SHAPES = Path(__file__).with_name("shapes.js").read_text()
# Parts are taken from the top: what is in one that is known needs no look of its own.
JUDGE = """async ([options, spare, known]) => {
  // The page may have changed since it was asked: only what stands now is left out.
  const shapes = spare ? (SHAPES)() : [];
  const left = new Set(known);
  const all = [document.body, ...document.body.querySelectorAll("*")];
  const parts = [];
  for (let place = 0; place < shapes.length; place += 1) {
    const [part, shape] = [all[place], shapes[place]];
    if (parts.length && parts.at(-1).contains(part)) continue;
    if (left.has(shape)) parts.push(part);
    else left.add(shape);
  }
  const context = parts.length ? { exclude: parts } : document;
  return [(await axe.run(context, options)).violations, shapes];
}""".replace("SHAPES", SHAPES)
LOOK = "[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]"
# By width, and for colours by scheme as well.
_judged: dict[tuple[object, ...], set[int]] = defaultdict(set)


def violations(page: Page, *, contrast: bool = True) -> list[str]:
    """Of WCAG 2.2 A and AA, as the page stands; axe's program is given to a document once. Contrast
    takes two thirds of its time."""
    shapes = page.evaluate(SHAPES)
    width, dark = page.evaluate(LOOK)
    looks = [("all", width), ("colours", width, dark)][: 1 + contrast]
    known = set() if PROVE else set(shapes).intersection(_judged[looks[-1]])
    if shapes[0] in known:
        return []
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(PROGRAM)
    options = OPTIONS | {"rules": {"color-contrast": {"enabled": contrast}}}
    found, judged = page.evaluate(JUDGE, [options, not PROVE, sorted(known)])
    if not found:
        for look in looks:
            _judged[look].update(judged)
    return [
        f"{one['id']}: {one['help']}: " + "; ".join(node["html"] for node in one["nodes"][:4])
        for one in found
    ]
