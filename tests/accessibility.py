"""axe's judgement of a page."""

import json

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
    "resultTypes": ["violations"],
}
PROGRAM = Axe().axe_script


def violations(page: Page, *, contrast: bool = True) -> list[str]:
    """Of WCAG 2.2 A and AA, as the page stands; axe's program is given to a document once. Contrast
    takes two thirds of its time."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(PROGRAM)
    options = OPTIONS | {"rules": {"color-contrast": {"enabled": contrast}}}
    found = page.evaluate(f"axe.run({json.dumps(options)}).then(found => found.violations)")
    return [
        f"{one['id']}: {one['help']}: " + "; ".join(node["html"] for node in one["nodes"][:4])
        for one in found
    ]
