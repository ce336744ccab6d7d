"""Writing and confirming what is known of a client."""

from collections.abc import Sequence
from datetime import datetime

from app.playbooks.models import Playbook, PlaybookVersion
from app.playbooks.queries import find_playbook
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class PlaybookChanged(Conflict):
    code = "playbook_changed"
    message = _m(
        "Somebody else changed this playbook since you opened it. "
        "Look at what it says now, then save again; your text is kept."
    )


def write_playbook(
    *,
    line: str,
    item: str,
    rules: str,
    steps: Sequence[str],
    expected_version: int,
    actor: Actor,
    now: datetime,
) -> Playbook:
    """Whoever writes it confirms it. `expected_version` is 0 for one that isn't there yet. Steps
    are for the requests that are raised from now on."""
    _require_work(actor, line)
    row = find_playbook(line=line, item=item, for_update=True)
    if (row.version if row else 0) != expected_version:
        raise PlaybookChanged
    if row is None:
        row = Playbook(id=uuid7(), line=line, item=item, version=0)
        db.session.add(row)
    row.rules, row.steps, row.version = rules, list(steps), row.version + 1
    row.changed_at, row.changed_by_name = now, actor.name
    _confirm(row, actor=actor, now=now)
    db.session.flush()
    db.session.add(
        PlaybookVersion(
            playbook_id=row.id, version=row.version, rules=rules, steps=list(steps), at=now,
            by_id=actor.user_id, by_name=actor.name,
        )
    )  # fmt: skip
    audit.record(
        "playbooks.playbook.written", actor=actor, now=now, object_type="playbook",
        object_id=row.id, version=row.version, line=line, item=item, steps=len(steps),
    )  # fmt: skip
    db.session.flush()
    return row


def confirm_playbook(*, line: str, item: str, actor: Actor, now: datetime) -> Playbook:
    """It still says what is so."""
    _require_work(actor, line)
    row = find_playbook(line=line, item=item, for_update=True)
    if row is None:
        raise NotFound
    _confirm(row, actor=actor, now=now)
    audit.record(
        "playbooks.playbook.confirmed", actor=actor, now=now, object_type="playbook",
        object_id=row.id, version=row.version,
    )  # fmt: skip
    db.session.flush()
    return row


def _require_work(actor: Actor, line: str) -> None:
    actor.require("request.work", line)
    if actor.side == "client":
        raise Forbidden


def _confirm(row: Playbook, *, actor: Actor, now: datetime) -> None:
    row.confirmed_at, row.confirmed_by = now, actor.user_id
    row.confirmed_by_name = actor.name
