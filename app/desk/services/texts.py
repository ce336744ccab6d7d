"""Text modules: one's own, and those that supervisors keep for everybody."""

from datetime import datetime
from uuid import UUID

from app.desk.models import TextModule
from app.desk.placeholders import PLACES, unknown
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


def save_text(
    *, actor: Actor, now: datetime, name: str, language: str, body: str, shared: bool
) -> TextModule:
    _require(actor, None if shared else actor.user_id)
    _check(body)
    row = TextModule(
        id=uuid7(), owner_id=None if shared else actor.user_id, name=name, language=language,
        body=body, made_by_name=actor.name, changed_at=now,
    )  # fmt: skip
    db.session.add(row)
    _record("saved", row, actor, now)
    return row


def change_text(
    *, module: TextModule, actor: Actor, now: datetime, name: str, language: str, body: str
) -> None:
    _require(actor, module.owner_id)
    _check(body)
    module.name, module.language, module.body, module.changed_at = name, language, body, now
    _record("changed", module, actor, now)


def delete_text(*, module: TextModule, actor: Actor, now: datetime) -> None:
    _require(actor, module.owner_id)
    _record("deleted", module, actor, now)
    db.session.delete(module)
    db.session.flush()


def _require(actor: Actor, owner_id: UUID | None) -> None:
    actor.require("desk.use")
    if owner_id is None and not actor.can("desk.supervise"):
        raise Forbidden(_m("A text for everybody is a supervisor's to keep. Save it for yourself."))


def _check(body: str) -> None:
    found = unknown(body)
    if found:
        raise Invalid(
            _m("There is no place %(unknown)s. These are known: %(known)s."), code="unknown_place",
            unknown=", ".join(f"{{{one}}}" for one in found),
            known=", ".join(f"{{{one}}}" for one in PLACES),
        )  # fmt: skip


def _record(verb: str, row: TextModule, actor: Actor, now: datetime) -> None:
    audit.record(
        f"desk.text.{verb}", actor=actor, now=now, object_type="text_module", object_id=row.id,
        shared=row.owner_id is None, language=row.language,
    )  # fmt: skip
    db.session.flush()
