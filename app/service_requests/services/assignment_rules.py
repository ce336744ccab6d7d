"""Who gets a client's work is written down by those who review it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.service_requests.assignment.models import AssignmentRule
from app.service_requests.assignment.queries import find_rule, get_rule, list_candidates
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

_NO_GRANT = _m("This person has no live grant to work on this line for this client.")


class RuleChanged(Conflict):
    code = "rule_changed"
    message = _m(
        "Somebody else changed this rule since you opened it. "
        "Look at what it says now, then save again."
    )


@dataclass(frozen=True, slots=True)
class Wish:
    operator_id: UUID | None = None
    deputy_id: UUID | None = None
    skill: str = ""
    by_load: bool = False


def write_rule(
    *, line: str, item: str, wish: Wish, expected_version: int, actor: Actor, now: datetime
) -> AssignmentRule:
    """For what is raised from now on. `expected_version` is 0 for one that isn't there yet."""
    _require(actor, line)
    row = find_rule(line=line, item=item, for_update=True)
    if (row.version if row else 0) != expected_version:
        raise RuleChanged
    able = list_candidates(line=line, now=now)
    names = {one.user_id: one.name for one in able}
    skills = {skill for one in able for skill in one.skills}
    _check(wish, names, skills, row)
    if row is None:
        row = AssignmentRule(id=uuid7(), line=line, item=item, version=0)
        db.session.add(row)
    row.operator_id, row.operator_name = wish.operator_id, _name(wish.operator_id, names, row)
    row.deputy_id, row.deputy_name = wish.deputy_id, _name(wish.deputy_id, names, row)
    row.skill, row.by_load, row.version = wish.skill, wish.by_load, row.version + 1
    row.changed_at, row.changed_by_name = now, actor.name
    db.session.flush()
    audit.record(
        "service_requests.assignment_rule.written", actor=actor, now=now,
        object_type="assignment_rule", object_id=row.id, line=line, item=item,
        version=row.version, operator=wish.operator_id, deputy=wish.deputy_id,
        skill=bool(wish.skill), by_load=wish.by_load,
    )  # fmt: skip
    return row


def remove_rule(*, line: str, item: str, actor: Actor, now: datetime) -> None:
    _require(actor, line)
    row = get_rule(line=line, item=item, for_update=True)
    db.session.delete(row)
    audit.record(
        "service_requests.assignment_rule.removed", actor=actor, now=now,
        object_type="assignment_rule", object_id=row.id, line=line, item=item,
    )  # fmt: skip
    db.session.flush()


def _require(actor: Actor, line: str) -> None:
    actor.require("request.review", line)
    if actor.side == "client":
        raise Forbidden


def _check(
    wish: Wish, names: dict[UUID, str], skills: set[str], row: AssignmentRule | None
) -> None:
    """Whoever stands there already may stay, though their grant ended: the deputy is asked then."""
    known = set(names) | ({row.operator_id, row.deputy_id} if row else set())
    errors = {
        field: [_NO_GRANT]
        for field, user_id in (("operator", wish.operator_id), ("deputy", wish.deputy_id))
        if user_id is not None and user_id not in known
    }
    if wish.skill and wish.skill not in skills | ({row.skill} if row else set()):
        errors["skill"] = [_m("Nobody who may work on this line has this skill.")]
    if wish.operator_id is None and wish.deputy_id is not None:
        errors["deputy"] = [_m("A deputy stands in for somebody: choose the operator first.")]
    elif wish.deputy_id is not None and wish.deputy_id == wish.operator_id:
        errors["deputy"] = [_m("Choose somebody else than the operator.")]
    if wish.operator_id is None and not wish.by_load:
        errors.setdefault("operator", [_m("Choose an operator, or by load, or both.")])
    if errors:
        raise Invalid(field_errors=errors)


def _name(user_id: UUID | None, names: dict[UUID, str], row: AssignmentRule) -> str:
    if user_id is None:
        return ""
    kept = {row.operator_id: row.operator_name, row.deputy_id: row.deputy_name}
    return names.get(user_id) or kept.get(user_id) or ""
