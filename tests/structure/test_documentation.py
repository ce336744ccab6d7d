import re
from pathlib import Path

from dev.lifecycle import document

ROOT = Path(__file__).parents[2]


def test_the_documented_lifecycle_is_the_transition_table() -> None:
    assert (ROOT / "docs" / "request-lifecycle.md").read_text() == document()


def test_links_of_the_documents_lead_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
            if not (path.parent / target).exists():
                broken.append((path.name, target))
    assert not broken
