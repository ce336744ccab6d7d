"""A validation report (SVRL) as findings."""

import re
from collections.abc import Mapping
from typing import Any

from app.documents.checking import places
from app.documents.checking.slip import Finding, Severity

MOST = 500
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_LONGEST = 1000
_SEVERITIES: dict[str, Severity] = {
    "warning": "warning", "warn": "warning",
    "information": "info", "info": "info", "hint": "info",
}  # fmt: skip
# Factur-X gives these no number.
_NOT_USED = "is marked as not used in the given context"
_BRACKETED = re.compile(r"^\s*\[([A-Z][\w.-]+)\]\s*[-:–]?\s*")


def severity_of(flag: str) -> Severity:
    """What a rule set doesn't soften is fatal."""
    return _SEVERITIES.get(flag.strip().lower(), "fatal")


def findings(report: Any, root: Any, levels: Mapping[str, str]) -> list[Finding]:
    """Every failed assertion and every report that spoke, in the rule set's order."""
    found = []
    for node in report.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
        text = " ".join("".join(node.find(f"{_SVRL}text").itertext()).split()) if (
            node.find(f"{_SVRL}text") is not None
        ) else ""  # fmt: skip
        named = _BRACKETED.match(text)
        rule = node.get("id") or ""
        if named and (not rule or rule.startswith("FX-SCH")):
            rule = named[1]
        flag = levels.get(rule) or node.get("flag") or node.get("role") or ""
        place, steps = places.shortened(node.get("location") or "")
        found.append(
            Finding(
                rule=rule or ("NOT-USED" if _NOT_USED in text else "UNNAMED"),
                severity=severity_of(flag),
                text=(text[named.end() :] if named else text)[:_LONGEST],
                place=place,
                term=places.term(steps, text),
                line=places.line(root, steps),
            )
        )
    return found


def rules_looked(report: Any) -> bool:
    """False where no rule met anything: then nothing was checked, whatever the report says."""
    return next(report.iter(f"{_SVRL}fired-rule"), None) is not None
