"""A slip as people read it: by rule set, findings in plain words, errors first. All texts are
English source texts; rules' own words stay in the language of their rule set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.documents.checking.packs import INSTALLABLE, packaged
from app.documents.checking.plain_words import plain_words
from app.documents.checking.slip import Finding, RuleRun, Slip
from app.documents.checking.wording import GAPS, REASONS, RUNS, SEVERITIES
from tenants.core.text import _m

FILE = _m("The file itself")
_PROFILES = {
    "minimum": "MINIMUM", "basicwl": "BASIC WL", "basic": "BASIC", "en16931": "EN 16931",
    "extended": "EXTENDED", "extended-ctc-fr": "EXTENDED-CTC-FR",
}  # fmt: skip
_ORDER = ("fatal", "warning", "info")


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """`said` is the rule set's own text, where it adds something to the plain one."""

    rule: str
    severity: str
    severity_name: str
    text: str
    said: str
    term: str
    line: int | None
    place: str


@dataclass(frozen=True, slots=True)
class ShownRun:
    title: str
    profile: str
    version: str
    outcome: str
    outcome_name: str
    reason: str
    sha256: str
    findings: tuple[ShownFinding, ...]

    @property
    def errors(self) -> int:
        return sum(one.severity == "fatal" for one in self.findings)


@dataclass(frozen=True, slots=True)
class ShownSlip:
    slip: Slip
    runs: tuple[ShownRun, ...]
    # Title and profile of a rule set, or a sentence and nothing.
    not_checked: tuple[tuple[str, str], ...]


def shown(slip: Slip) -> ShownSlip:
    return ShownSlip(
        slip, tuple(_run(one) for one in slip.runs), tuple(_gap(one) for one in slip.not_checked)
    )


def shown_content(content: Mapping[str, Any]) -> ShownSlip:
    """Of a slip that was kept."""
    return shown(Slip.from_json(dict(content)))


def pack_title(name: str) -> tuple[str, str]:
    """What a rule set is called, and the profile that it is of."""
    if name == "file":
        return FILE, ""
    pack = packaged().get(name)
    if pack is not None:
        profile = name.partition(":")[2]
        return pack.title, _PROFILES.get(profile, profile)
    return (INSTALLABLE[name][0], "") if name in INSTALLABLE else (name, "")


def _run(run: RuleRun) -> ShownRun:
    title, profile = pack_title(run.pack)
    findings = sorted(run.findings, key=lambda one: _ORDER.index(one.severity))
    return ShownRun(
        title, profile, run.version, run.outcome, RUNS[run.outcome],
        REASONS.get(run.reason, run.reason), run.sha256, tuple(_finding(one) for one in findings),
    )  # fmt: skip


def _finding(finding: Finding) -> ShownFinding:
    plain = plain_words(finding.rule)
    return ShownFinding(
        finding.rule, finding.severity, SEVERITIES[finding.severity], plain or finding.text,
        finding.text if plain else "", finding.term, finding.line, finding.place,
    )  # fmt: skip


def _gap(key: str) -> tuple[str, str]:
    return (GAPS[key], "") if key in GAPS else pack_title(key)
