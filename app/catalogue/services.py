"""The provider edits its catalogue: every change is a version, and what runs goes on as it was."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from app.catalogue import memory
from app.catalogue.document import ItemDocument
from app.catalogue.files import shipped
from app.catalogue.models import OWN, CatalogueEntry, CatalogueVersion
from app.catalogue.queries import find_entry, get_version, last_version
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.text import _m
from tenants.permissions import Actor

RIGHT = "provider.administer"
# What the product's own work hangs on, or what other things are found by.
FIXED = ("code", "line", "job", "version")


class VersionChanged(Conflict):
    code = "version_changed"
    message = _m("Somebody published another version meanwhile. Look at it, then make your change.")


class NotInstalled(Conflict):
    code = "not_installed"
    message = _m("This item is not in the database yet: “coulisse db upgrade” puts it there.")


def publish(
    *, code: str, document: Mapping[str, Any], note: str, base_version: int, actor: Actor,
    now: datetime,
) -> CatalogueVersion:  # fmt: skip
    """`document` is the whole item as somebody wrote it; it holds for requests raised from now on.
    `base_version` is the version that they saw."""
    actor.require(RIGHT)
    entry = _entry(code)
    if entry.version != base_version:
        raise VersionChanged
    if not note:
        raise Invalid(field_errors={"note": [_m("Say what changes, and why.")]})
    before = get_version(code=code, version=entry.version).document
    try:
        loaded = ItemDocument().load({**document, **{name: before[name] for name in FIXED}})
    except ValidationError as error:
        raise Invalid(field_errors={"document": [_m("Please check your entries")]}) from error
    row = CatalogueVersion(
        code=code, version=last_version(code=code) + 1, document=ItemDocument().dump(loaded),
        origin=OWN, shipped_version=None, note=note, made_by=actor.user_id,
        made_by_name=actor.name, made_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _hold(entry, row.version, "published", actor, now)
    return row


def take(*, code: str, version: int, base_version: int, actor: Actor, now: datetime) -> None:
    """A version that is there already holds from now on: an older one, or a newer that shipped."""
    actor.require(RIGHT)
    entry = _entry(code)
    if entry.version != base_version:
        raise VersionChanged
    row = get_version(code=code, version=version)
    if row.version != entry.version:
        _hold(entry, row.version, "taken", actor, now)


def keep(*, code: str, version: int, actor: Actor, now: datetime) -> None:
    """The newer one that shipped is not wanted: the page stops offering it."""
    actor.require(RIGHT)
    entry = _entry(code)
    entry.kept_version = get_version(code=code, version=version).version
    _changed(entry, "kept", actor, now, version=version)


def withdraw(*, code: str, actor: Actor, now: datetime) -> None:
    """No new requests; those that run go on."""
    actor.require(RIGHT)
    entry = _entry(code)
    if code.endswith("_question"):
        raise Conflict(
            _m("Every line keeps its general item: what fits nowhere else is asked by it."),
            code="general_item",
        )
    if entry.offered:
        entry.offered = False
        _changed(entry, "withdrawn", actor, now)


def offer_again(*, code: str, actor: Actor, now: datetime) -> None:
    actor.require(RIGHT)
    entry = _entry(code)
    if not entry.offered:
        entry.offered = True
        _changed(entry, "offered", actor, now)


def _entry(code: str) -> CatalogueEntry:
    found = find_entry(code=code, for_change=True)
    if found is None:
        raise NotInstalled if code in shipped() else NotFound
    return found


def _hold(entry: CatalogueEntry, version: int, verb: str, actor: Actor, now: datetime) -> None:
    before, entry.version = entry.version, version
    _changed(entry, verb, actor, now, before=before, version=version)


def _changed(entry: CatalogueEntry, verb: str, actor: Actor, now: datetime, **facts: int) -> None:
    entry.changed_at, entry.changed_by_name = now, actor.name
    audit.record(
        f"catalogue.item.{verb}", actor=actor, now=now, object_type="catalogue_item",
        object_id=None, item=entry.code, **facts,
    )  # fmt: skip
    db.session.flush()
    memory.forget_after_commit()
