"""How a chain of evidence is told: title, explanation, icon and tone."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenants.core.text import _m


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    text: str
    icon: str
    tone: str


VERDICTS: Mapping[str, Words] = {
    "complete": Words(
        _m("Complete: every step from the invoice to the file holds"),
        _m("The files were read again just now and are the ones that were handed over."),
        "shield-check",
        "good",
    ),
    "pending": Words(
        _m("Nothing is wrong, but the chain is not finished"), "", "clock", "info"
    ),
    "missing": Words(_m("Incomplete: something is missing"), "", "alert-triangle", "warn"),
    "broken": Words(
        _m("Broken: what is billed can't be proven as it stands"), "", "alert-circle", "bad"
    ),
}  # fmt: skip
_MARKS: Mapping[str, tuple[str, str, str]] = {
    "complete": (_m("Holds"), "check", "good"),
    "pending": (_m("Open"), "clock", "info"),
    "missing": (_m("Missing"), "alert-triangle", "warn"),
    "broken": (_m("Broken"), "alert-circle", "bad"),
}
# What the audit log's names mean; others are shown as they are.
AUDITED: Mapping[str, str] = {
    "service_requests.request.moved": _m("Step taken"),
    "service_requests.request.assigned": _m("Assigned"),
    "service_requests.message.sent": _m("Message sent"),
    "service_requests.note.written": _m("Internal note written"),
    "service_requests.approval.approved": _m("Approved"),
    "service_requests.approval.refused": _m("Refused"),
    "service_requests.approval.code_refused": _m("Wrong code at the approval"),
    "service_requests.review.drawn": _m("Drawn for the quality check, or not"),
    "service_requests.review.found": _m("Findings noted"),
    "service_requests.finding.fixed": _m("Finding fixed"),
    "service_requests.finding.opened": _m("Finding open again"),
    "service_requests.finding.confirmed": _m("Finding confirmed as fixed"),
    "documents.deliverable.attached": _m("Deliverable attached"),
    "documents.deliverable.withdrawn": _m("Deliverable withdrawn"),
    "timesheets.entry.recorded": _m("Time recorded"),
}


def mark_of(state: str) -> tuple[str, str, str]:
    """Label, icon and tone of one link of the chain."""
    return _MARKS[state]
