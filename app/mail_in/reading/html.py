"""The words of an HTML part. Nothing is fetched, nothing runs, nothing hidden is read."""

import re

from lxml import etree, html

from app.mail_in.reading.headers import clean

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "meta",
        "link",
        "template",
        "noscript",
        "object",
        "embed",
        "svg",
        "math",
        "iframe",
        "select",
        "textarea",
    ]
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|mso-hide\s*:\s*all"
)
# Where mail programs put the mail that is answered, other than in a quotation.
_ANSWERED = ("divRplyFwdMsg", "appendonsend", "x_divRplyFwdMsg", "mail-editor-reference-message")
ORIGINAL = "-----Original Message-----"
_DEEPEST = 200


def words_of(markup: str) -> str:
    try:
        root = html.document_fromstring(
            clean(markup), parser=html.HTMLParser(huge_tree=False, no_network=True)
        )
    except (etree.LxmlError, ValueError):
        return ""
    lines = _Lines()
    _walk(root, lines, 0)
    return lines.text()


class _Lines:
    def __init__(self) -> None:
        self._done: list[str] = []
        self._open = ""
        self.quoted = 0

    def add(self, text: str) -> None:
        joined = re.sub(r"\s+", " ", text)
        self._open += joined.lstrip() if not self._open else joined

    def end(self, *, always: bool = False) -> None:
        if self._open.strip() or always:
            self._done.append("> " * self.quoted + self._open.strip())
        self._open = ""

    def text(self) -> str:
        self.end()
        return "\n".join(self._done)


def _walk(element: html.HtmlElement, lines: _Lines, depth: int) -> None:
    tag = element.tag
    if isinstance(tag, str) and tag not in _SILENT and not _is_hidden(element):
        _enter(element, tag, lines)
        if depth < _DEEPEST:
            for child in element:
                _walk(child, lines, depth + 1)
        else:
            lines.add("".join(element.itertext())[:1000])
        _leave(tag, lines)
    if element.tail and depth:
        lines.add(element.tail)


def _enter(element: html.HtmlElement, tag: str, lines: _Lines) -> None:
    if tag == "br":
        lines.end(always=True)
    if tag in _BLOCKS:
        lines.end()
    if element.get("id") in _ANSWERED:
        lines.add(ORIGINAL)
        lines.end()
    if tag == "blockquote":
        lines.quoted += 1
    if tag == "li":
        lines.add("- ")
    if tag in ("td", "th"):
        lines.add(" ")
    if element.text:
        lines.add(element.text)


def _leave(tag: str, lines: _Lines) -> None:
    if tag in _BLOCKS:
        lines.end()
    if tag == "blockquote":
        lines.quoted -= 1
    if tag == "p":
        lines.end(always=True)


def _is_hidden(element: html.HtmlElement) -> bool:
    return element.get("hidden") is not None or bool(
        _HIDDEN.search((element.get("style") or "").lower())
    )
