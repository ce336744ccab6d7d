"""What became of a company, in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.catalogue.lines import LEVELS, LINES
from app.web.i18n import LANGUAGES, text
from tenants.access import ACCESS_NAMES
from tenants.core.text import _m
from tenants.models import AuditEvent

EVENTS: Mapping[str, tuple[str, str]] = {
    "tenants.tenant.created": ("building", _m("added the company")),
    "tenants.tenant.changed": ("edit", _m("changed the company's facts")),
    "tenants.member.added": ("user-plus", _m("added a person of the company")),
    "tenants.member.changed": ("user-cog", _m("changed a person's rights")),
    "tenants.member.removed": ("user-minus", _m("removed a person of the company")),
    "tenants.invitation.sent": ("mail", _m("sent an invitation")),
    "tenants.second_factor.reset": ("refresh", _m("reset a second factor")),
    "tenants.guest.invited": ("eye", _m("invited a guest")),
    "tenants.guest.changed": ("user-cog", _m("changed what a guest sees")),
    "tenants.guest.ended": ("user-x", _m("ended the access of a guest")),
    "tenants.guest.expired": ("clock", _m("noted that the time of a guest is over")),
    "tenants.grant.given": ("key", _m("gave an access")),
    "tenants.grant.ended": ("lock", _m("ended an access")),
    "tenants.access.changed": ("credit-card", _m("changed what the subscription allows")),
    "tenants.job.replayed": ("repeat", _m("let a job run again")),
    "tenants.job.dropped": ("trash", _m("dropped a job")),
    "tenants.job.cancelled": ("ban", _m("cancelled a job")),
}
FACTS: Mapping[str, str] = {
    "name": _m("Name"),
    "legal_form": _m("Legal form"),
    "registration_number": _m("Registration number"),
    "vat_id": _m("VAT number"),
    "language": _m("Language of its people"),
    "document_languages": _m("Languages of its documents"),
    "time_zone": _m("Time zone"),
    "colour": _m("Colour"),
}


@dataclass(frozen=True, slots=True)
class Told:
    icon: str
    who: str
    text: str
    at: datetime
    note: str


def told(event: AuditEvent, names: Mapping[UUID, str]) -> Told:
    """`names` are of the company's people and of those who have or had access, by their ids."""
    icon, words = EVENTS.get(event.name, ("circle-dot", event.name))
    facts: dict[str, Any] = json.loads(event.facts)
    return Told(icon, event.actor_name, text(words), event.at, _note(event, facts, names))


def _note(event: AuditEvent, facts: Mapping[str, Any], names: Mapping[UUID, str]) -> str:
    if event.name == "tenants.tenant.changed":
        return " · ".join(
            f"{text(FACTS.get(fact, fact))}: {_shown(before)} → {_shown(after)}"
            for fact, (before, after) in facts.get("changed", {}).items()
        )
    if event.name == "tenants.access.changed":
        return " → ".join(text(ACCESS_NAMES[one]) for one in facts["state"])
    if "line" in facts:
        parts = [names.get(UUID(str(facts["holder"])), "")] if facts.get("holder") else []
        parts.append(text(LINES.get(facts["line"], facts["line"])))
        if facts.get("level") in LEVELS:
            parts.append(text(LEVELS[facts["level"]]))
        return ", ".join(part for part in parts if part)
    if event.object_type in ("member", "user") and event.object_id:
        return names.get(event.object_id, "")
    return ""


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(LANGUAGES.get(one, one) for one in value)
    return LANGUAGES.get(value, value) or "–"
