"""Views that operators keep of their queue, and how each likes their desk."""

from datetime import datetime

from sqlalchemy import func, select

from app.desk.models import DeskSettings, SavedView
from app.desk.queries import find_settings
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope

# Each costs a figure in the statement behind every page of the desk.
MOST = 20


class TooManyViews(Conflict):
    code = "too_many_views"
    message = _m("There are %(most)s views already. Delete one first.")


def save_view(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    icon: str,
    query: str,
    shared: bool,
    position: int = 0,
) -> SavedView:
    """A shared one is for every operator; its filter still shows each only their own clients."""
    _require(actor, shared=shared)
    owner = None if shared else actor.user_id
    _check_number(owner)
    row = SavedView(
        id=uuid7(), owner_id=owner, name=name, icon=icon, query=query, position=position,
        made_by_name=actor.name, changed_at=now,
    )  # fmt: skip
    db.session.add(row)
    _record("saved", row, actor, now)
    return row


def change_view(
    *, view: SavedView, actor: Actor, now: datetime, name: str, icon: str, position: int
) -> None:
    _require(actor, shared=view.owner_id is None)
    view.name, view.icon, view.position, view.changed_at = name, icon, position, now
    _record("changed", view, actor, now)


def delete_view(*, view: SavedView, actor: Actor, now: datetime) -> None:
    _require(actor, shared=view.owner_id is None)
    _record("deleted", view, actor, now)
    db.session.delete(view)
    db.session.flush()


def choose_settings(*, actor: Actor, now: datetime, default_view: str, after: str) -> None:
    assert actor.user_id is not None
    row = find_settings(user_id=actor.user_id)
    if row is None:
        row = DeskSettings(id=uuid7(), user_id=actor.user_id)
        db.session.add(row)
    row.default_view, row.after = default_view, after
    audit.record(
        "desk.settings.chosen", actor=actor, now=now, object_type="user",
        object_id=actor.user_id, default_view=default_view, after=after,
    )  # fmt: skip
    db.session.flush()


def _require(actor: Actor, *, shared: bool) -> None:
    actor.require("desk.use")
    if shared and not actor.can("desk.supervise"):
        raise Forbidden(_m("A view for everybody is a supervisor's to keep. Save it for yourself."))


def _check_number(owner: object) -> None:
    query = select(func.count()).where(SavedView.tenant_id == current_scope().tenant_id)
    own = SavedView.owner_id.is_(None) if owner is None else SavedView.owner_id == owner
    if db.session.execute(query.where(own)).scalar_one() >= MOST:
        raise TooManyViews(most=MOST)


def _record(verb: str, row: SavedView, actor: Actor, now: datetime) -> None:
    audit.record(
        f"desk.view.{verb}", actor=actor, now=now, object_type="saved_view", object_id=row.id,
        shared=row.owner_id is None, query=row.query,
    )  # fmt: skip
    db.session.flush()
