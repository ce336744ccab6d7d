"""The provider edits its catalogue: every change is a version, and what runs goes on as it was."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError

from app.catalogue import memory
from app.catalogue.document import ItemDocument
from app.catalogue.files import shipped
from app.catalogue.models import OWN, CatalogueEntry, CatalogueVersion
from app.catalogue.queries import began_here, find_entry, get_version, last_version
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.text import _m
from tenants.permissions import Actor

RIGHT = "provider.administer"
# What the product's own work hangs on, or what other things are found by.
FIXED = ("code", "line", "job", "version")
OWN_CODE = r"[a-z][a-z_]{2,39}"
GENERAL = "_question"


class VersionChanged(Conflict):
    code = "version_changed"
    message = _m("Somebody published another version meanwhile. Look at it, then make your change.")


class NotInstalled(Conflict):
    code = "not_installed"
    message = _m("This item is not in the database yet: “coulisse db upgrade” puts it there.")


class CodeTaken(Conflict):
    code = "code_taken"
    message = _m("There is an item with this code already: choose another one.")


def wrong_code(code: str) -> str | None:
    """Why an item of the provider's own can't be called so."""
    if not re.fullmatch(OWN_CODE, code):
        return _m("Use small letters and underscores, a letter first; 3 to 40.")
    if code.endswith(GENERAL):
        return _m("This ending is kept for the general item of a line: choose another one.")
    if code in shipped() or find_entry(code=code) is not None:
        return CodeTaken.message
    return None


def begin(
    *, code: str, line: str, document: Mapping[str, Any], note: str, actor: Actor, now: datetime
) -> CatalogueVersion:
    """An item of the provider's own: one language of its texts is enough."""
    actor.require(RIGHT)
    if wrong := wrong_code(code):
        raise Invalid(field_errors={"code": [wrong]})
    fixed = {"code": code, "line": line, "job": None, "version": 1}
    row = _own(1, {**document, **fixed}, note, actor, now, every_language=False)
    entry = CatalogueEntry(
        code=code, version=1, offered=True, changed_at=now, changed_by_name=actor.name
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
            db.session.add(entry)
            db.session.flush()
    except IntegrityError as error:
        raise CodeTaken from error
    _changed(entry, "begun", actor, now, version=1)
    return row


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
    before = get_version(code=code, version=entry.version).document
    row = _own(
        last_version(code=code) + 1, {**document, **{name: before[name] for name in FIXED}}, note,
        actor, now, every_language=not began_here(code=code),
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
    if code.endswith(GENERAL):
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


def _own(
    version: int, document: Mapping[str, Any], note: str, actor: Actor, now: datetime, *,
    every_language: bool,
) -> CatalogueVersion:  # fmt: skip
    if not note:
        raise Invalid(field_errors={"note": [_m("Say what changes, and why.")]})
    schema = ItemDocument(every_language=every_language)
    try:
        loaded = schema.load(document)
    except ValidationError as error:
        raise Invalid(field_errors={"document": [_m("Please check your entries")]}) from error
    return CatalogueVersion(
        code=loaded["code"], version=version, document=schema.dump(loaded), origin=OWN,
        shipped_version=None, note=note, made_by=actor.user_id, made_by_name=actor.name,
        made_at=now,
    )  # fmt: skip


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
