"""What was checked of one file, by which rules of which version, and what they found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

Severity = Literal["fatal", "warning", "info"]
RunOutcome = Literal["passed", "failed", "not_run"]
Outcome = Literal["valid", "invalid", "not_validated"]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` is the rule set's own; `term` is a number of EN 16931 like BT-31, `line` one of the
    file. All but the rule and its severity may be missing."""

    rule: str
    severity: Severity
    text: str
    place: str = ""
    term: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class RuleRun:
    """`reason` says why it was "not_run": missing, time, memory, broken or unread. `sha256` is that
    of the rules."""

    pack: str
    version: str
    outcome: RunOutcome
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """`not_checked` names packs that didn't run and what no rule set looks at (`wording.GAPS`).
    Of a PDF with an invoice in it `sha256` is the PDF's, `xml_sha256` that of what was checked."""

    sha256: str
    at: datetime
    runs: tuple[RuleRun, ...]
    not_checked: tuple[str, ...] = ()
    xml_sha256: str = ""

    def of_file(self, sha256: str) -> Slip:
        """The same, said of the file that holds what was checked."""
        if sha256 == self.sha256:
            return self
        return replace(self, sha256=sha256, xml_sha256=self.xml_sha256 or self.sha256)

    @property
    def outcome(self) -> Outcome:
        """Fails closed: no run, or one that didn't happen, is never "valid"."""
        outcomes = {run.outcome for run in self.runs}
        if "failed" in outcomes:
            return "invalid"
        return "valid" if outcomes == {"passed"} else "not_validated"

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for run in self.runs for finding in run.findings)

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == severity)

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "sha256": self.sha256,
            "at": self.at.isoformat(),
            "outcome": self.outcome,
            "runs": [
                {**asdict(run), "findings": [asdict(one) for one in run.findings]}
                for run in self.runs
            ],
            "not_checked": list(self.not_checked),
            **({"xml_sha256": self.xml_sha256} if self.xml_sha256 else {}),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Slip:
        return cls(
            sha256=data["sha256"],
            at=datetime.fromisoformat(data["at"]),
            runs=tuple(
                RuleRun(**{**run, "findings": tuple(Finding(**one) for one in run["findings"])})
                for run in data["runs"]
            ),
            not_checked=tuple(data["not_checked"]),
            xml_sha256=data.get("xml_sha256", ""),
        )
