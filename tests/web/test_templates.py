"""House rules that a browser would only report one page at a time."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "app"
# A mail is read by programs that know no stylesheet; no page of ours includes it.
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*.html") if p.name != "mail.html")
TAG = re.compile(r"<[a-zA-Z][^<>]*?(?:\{\{.*?\}\}[^<>]*?|\{%.*?%\}[^<>]*?)*>", re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_keep_to_the_policy(path):
    text = path.read_text()
    for tag in TAG.findall(text):
        assert not re.search(r"\sstyle=", tag), tag
        assert not re.search(r"\son[a-z]+=", tag), tag
        assert not re.search(r"hx-on|['\"]js:|hx-vars", tag), tag
        if re.search(r"\shx-(?!nonce)", tag):
            assert "nonce()" in tag, f"an element with hx- attributes carries no nonce: {tag}"
        if tag.startswith("<script"):
            assert "csp_nonce()" in tag, tag


@pytest.mark.parametrize(
    "path",
    [*TEMPLATES, *sorted((ROOT / "static").rglob("*.*"))],
    ids=lambda path: path.name,
)
def test_files_are_of_a_size_to_read(path):
    assert len(path.read_text().splitlines()) <= 400
