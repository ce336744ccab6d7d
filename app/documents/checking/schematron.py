"""Schematron as Peppol publishes it, made into XSLT that answers a report (SVRL). Abstract patterns
and includes are refused instead of being read half."""

from typing import Any

from lxml import etree

_SCH = "{http://purl.oclc.org/dsdl/schematron}"
_XSL_NAMES, _SVRL_NAMES = "http://www.w3.org/1999/XSL/Transform", "http://purl.oclc.org/dsdl/svrl"
_XSL, _SVRL = f"{{{_XSL_NAMES}}}", f"{{{_SVRL_NAMES}}}"
_NOT_READ = (
    f"{_SCH}include", f"{_SCH}extends", f"{_XSL}include", f"{_XSL}import", f"{_SCH}param",
)  # fmt: skip


class NotCompilable(Exception):
    """With what stands in the way."""


def compiled(schema: Any) -> str:
    """Of the root of a schema."""
    _refuse_what_is_not_read(schema)
    names = {ns.get("prefix"): ns.get("uri") for ns in schema.iter(f"{_SCH}ns")}
    made = etree.Element(
        f"{_XSL}stylesheet", {"version": "3.0"},
        nsmap={**names, "xsl": _XSL_NAMES, "svrl": _SVRL_NAMES},
    )  # fmt: skip
    _let(made, schema)
    for pattern in schema.iter(f"{_SCH}pattern"):
        _let(made, pattern)
    for foreign in schema.iterfind(f"{_XSL}*"):
        made.append(foreign)
    patterns = list(schema.iter(f"{_SCH}pattern"))
    _begin(made, schema, len(patterns))
    for number, pattern in enumerate(patterns):
        rules = list(pattern.iterfind(f"{_SCH}rule"))
        for place, rule in enumerate(rules):
            _rule(made, rule, f"p{number}", len(rules) - place)
        rest = _sub(made, "template", match="@*|node()|/", mode=f"p{number}", priority="-1")
        _deeper(rest, f"p{number}")
    text: str = etree.tostring(made, encoding="unicode")
    return text


def _refuse_what_is_not_read(schema: Any) -> None:
    for node in schema.iter(etree.Element):
        if node.tag in _NOT_READ or node.get("abstract") == "true" or node.get("is-a"):
            raise NotCompilable(etree.QName(node).localname)
    names = [
        let.get("name")
        for parent in (schema, *schema.iter(f"{_SCH}pattern"))
        for let in parent.iterfind(f"{_SCH}let")
    ]
    if len(names) != len(set(names)):
        raise NotCompilable("let")


def _begin(made: Any, schema: Any, patterns: int) -> None:
    template = _sub(made, "template", match="/")
    title = schema.findtext(f"{_SCH}title") or ""
    report = etree.SubElement(template, f"{_SVRL}schematron-output", title=_literal(title))
    for number in range(patterns):
        _sub(report, "apply-templates", select="/", mode=f"p{number}")


def _rule(made: Any, rule: Any, mode: str, priority: int) -> None:
    """Within a pattern the first rule that matches a node is its only one."""
    template = _sub(made, "template", match=rule.get("context"), mode=mode, priority=str(priority))
    _let(template, rule)
    etree.SubElement(template, f"{_SVRL}fired-rule")
    for test in rule.iterfind(f"{_SCH}*"):
        if test.tag == f"{_SCH}assert":
            _speak(template, test, f"not({test.get('test')})", "failed-assert")
        elif test.tag == f"{_SCH}report":
            _speak(template, test, test.get("test"), "successful-report")
    _deeper(template, mode)


def _speak(template: Any, test: Any, condition: str, name: str) -> None:
    when = _sub(template, "if", test=condition)
    said = etree.SubElement(when, f"{_SVRL}{name}", location="{path(.)}")
    for attribute in ("id", "flag", "role"):
        if test.get(attribute):
            said.set(attribute, _literal(test.get(attribute)))
    text = etree.SubElement(said, f"{_SVRL}text")
    _words(text, test.text)
    for part in test:
        if part.tag == f"{_SCH}value-of":
            _sub(text, "value-of", select=part.get("select"))
        elif part.tag == f"{_SCH}name":
            _sub(text, "value-of", select=f"name({part.get('path') or '.'})")
        else:
            _words(text, part.text)
        _words(text, part.tail)


def _words(text: Any, words: str | None) -> None:
    if words:
        _sub(text, "text").text = words


def _let(parent: Any, holder: Any) -> None:
    for let in holder.iterfind(f"{_SCH}let"):
        _sub(parent, "variable", name=let.get("name"), select=let.get("value"))


def _deeper(template: Any, mode: str) -> None:
    _sub(template, "apply-templates", select="@*|node()", mode=mode)


def _sub(parent: Any, name: str, /, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{_XSL}{name}", attributes)


def _literal(text: str) -> str:
    """An attribute of a result, where braces would be an expression."""
    return text.replace("{", "{{").replace("}", "}}")
