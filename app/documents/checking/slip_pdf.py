"""A slip on paper, in the language of whoever asks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.documents.checking.shown import ShownFinding, ShownRun, ShownSlip
from app.documents.checking.wording import OUTCOMES
from app.documents.typesetting import typeset
from tenants.core.text import _m

TEMPLATE = Path(__file__).with_name("slip.typ")
_TONES = {
    "passed": "good", "failed": "bad", "not_run": "warn",
    "valid": "good", "invalid": "bad", "not_validated": "warn",
}  # fmt: skip
_LABELS = {
    "title": _m("Validation slip"), "page": _m("Page"), "not_checked": _m("Not checked"),
    "none": _m("Nothing."),
}  # fmt: skip
_COLUMNS = (_m("Rule"), _m("Severity"), _m("Finding"))
_LONGEST_PLACE = 300


@dataclass(frozen=True, slots=True)
class About:
    """The file that was checked."""

    client: str
    name: str
    document: str
    kept_by: str


def slip_pdf(
    slip: ShownSlip, about: About, *, lang: str, translate: Callable[[str], str],
    moment: Callable[[datetime], str],
) -> bytes:  # fmt: skip
    """`moment` writes a time in the language and the time zone of the company."""
    facts = [
        (_m("File"), about.name), (_m("Document"), about.document),
        (_m("Checked on"), moment(slip.slip.at)), (_m("Kept by"), about.kept_by),
        ("SHA-256", slip.slip.sha256),
    ]  # fmt: skip
    if slip.slip.xml_sha256:
        facts.append((_m("SHA-256 of the invoice in it"), slip.slip.xml_sha256))
    data: dict[str, Any] = {
        "labels": {key: translate(text) for key, text in _LABELS.items()}
        | {"columns": [translate(one) for one in _COLUMNS]},
        "client": about.client,
        "name": about.name,
        "outcome": translate(OUTCOMES[slip.slip.outcome]),
        "tone": _TONES[slip.slip.outcome],
        "facts": [(translate(label), value) for label, value in facts if value],
        "runs": [_run(one, translate) for one in slip.runs],
        "not_checked": [_gap(title, profile, translate) for title, profile in slip.not_checked],
    }
    return typeset(TEMPLATE, data, dated=slip.slip.at, lang=lang)


def _gap(title: str, profile: str, translate: Callable[[str], str]) -> str:
    return f"{translate(title)} {profile}".strip()


def _run(run: ShownRun, translate: Callable[[str], str]) -> dict[str, Any]:
    return {
        "title": _gap(run.title, run.profile, translate),
        "version": run.version,
        "outcome": translate(run.outcome_name),
        "tone": _TONES[run.outcome],
        "reason": translate(run.reason) if run.reason else "",
        "sha256": run.sha256,
        "findings": [_finding(one, translate) for one in run.findings],
    }


def _finding(finding: ShownFinding, translate: Callable[[str], str]) -> dict[str, Any]:
    line = translate(_m("line %(number)s")) % {"number": finding.line} if finding.line else ""
    place = " · ".join(filter(None, (finding.term, line, finding.place)))
    return {
        "rule": finding.rule,
        "severity": translate(finding.severity_name),
        "text": translate(finding.text),
        "said": finding.said,
        "place": place[:_LONGEST_PLACE],
    }
