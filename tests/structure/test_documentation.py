import re
from pathlib import Path

from dev.lifecycle import document

ROOT = Path(__file__).parents[2]


def test_the_documented_lifecycle_is_the_transition_table() -> None:
    assert (ROOT / "docs" / "request-lifecycle.md").read_text() == document()


def test_links_of_the_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert not broken
