"""The catalogue as every process holds it: versions for ever, what holds now for some seconds.

What no deployment put into the database yet is as its file says.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import has_app_context
from marshmallow import ValidationError
from sqlalchemy import event

from app.catalogue import queries
from app.catalogue.building import build
from app.catalogue.document import ItemDocument
from app.catalogue.files import shipped, shipped_codes
from app.catalogue.item import CatalogueItem
from app.catalogue.lines import LINES
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import NOBODY

FRESH_SECONDS = 5.0
log = logging.getLogger(__name__)
_ORDER = {line: place for place, line in enumerate(LINES)}


@dataclass(frozen=True, slots=True)
class _Current:
    items: Mapping[str, CatalogueItem]
    withdrawn: frozenset[str]
    gated: frozenset[tuple[str, int]]
    read_at: float | None


_versions: dict[tuple[str, int], CatalogueItem] = {}
# For versions that the database doesn't know, until what holds is read again.
_stand_ins: dict[tuple[str, int], CatalogueItem] = {}
_current: _Current | None = None


class Catalogue(Mapping[str, CatalogueItem]):
    """The items that there are, withdrawn ones as well, in the version that holds now."""

    def __getitem__(self, code: str) -> CatalogueItem:
        return _now().items[code]

    def __iter__(self) -> Iterator[str]:
        return iter(_now().items)

    def __len__(self) -> int:
        return len(_now().items)


ITEMS: Mapping[str, CatalogueItem] = Catalogue()


def get_item(code: str, version: int | None = None) -> CatalogueItem:
    """Without a version the one that holds now."""
    if version is None:
        if code not in ITEMS:
            raise NotFound
        return ITEMS[code]
    held = _versions.get((code, version)) or ITEMS.get(code)
    if held is not None and held.version == version:
        return held
    return _stand_ins.get((code, version)) or _read_version(code, version)


def offered_items(country: str | None = None) -> list[CatalogueItem]:
    """What new requests may be of; with `country`, those of a company there."""
    now = _now()
    return [
        item for item in now.items.values()
        if item.code not in now.withdrawn and (country is None or item.offered_in(country))
    ]  # fmt: skip


def is_offered(item: CatalogueItem, country: str) -> bool:
    return item.code not in _now().withdrawn and item.offered_in(country)


def gated_versions() -> frozenset[tuple[str, int]]:
    """Of every version that ever was, those that ask for the client's approval."""
    return _now().gated


def forget() -> None:
    """What holds now is read anew when it is asked for next."""
    global _current
    _current = None


def forget_after_commit() -> None:
    event.listen(db.session(), "after_commit", lambda _session: forget(), once=True)


def _now() -> _Current:
    global _current
    held = _current
    if held is not None and (
        held.read_at is not None and time.monotonic() - held.read_at < FRESH_SECONDS
    ):
        return held
    if _may_read():
        _current = _read()
        return _current
    return held or _as_shipped()


def _may_read() -> bool:
    """Not before the scope is known: a transaction that is open then would be in its way."""
    if not has_app_context():
        return False
    session = db.session()
    return session.is_active and (
        session.info.get("scope", NOBODY) != NOBODY or session.in_transaction()
    )


def _read() -> _Current:
    _stand_ins.clear()
    # Whoever asks may have rows at hand that are not whole yet.
    with db.session.no_autoflush:
        rows = queries.list_current()
        missing = [(row.code, row.version) for row in rows
                   if (row.code, row.version) not in _versions]  # fmt: skip
        for row in queries.list_documents(missing) if missing else ():
            _remember(row.code, row.version, row.document)
    held = [_versions.get((row.code, row.version)) for row in rows]
    found = {item.code: item for item in held if item is not None}
    if not found.keys() >= shipped_codes():
        found = {**_as_shipped().items, **found}
    gated = {(row.code, version) for row in rows for version in row.gated or ()}
    return _Current(
        {item.code: item for item in sorted(found.values(), key=_place)},
        frozenset(row.code for row in rows if not row.offered),
        frozenset(gated | _gated(found.values())),
        time.monotonic(),
    )


def _as_shipped() -> _Current:
    items = [_shipped(code) for code in shipped()]
    found = {item.code: item for item in sorted(items, key=_place)}
    return _Current(found, frozenset(), _gated(items), None)


def _gated(items: Iterable[CatalogueItem]) -> frozenset[tuple[str, int]]:
    return frozenset((item.code, item.version) for item in items if item.gated)


_files: dict[str, CatalogueItem] = {}


def _shipped(code: str) -> CatalogueItem:
    if code not in _files:
        _files[code] = build(shipped()[code], shipped()[code]["version"])
    return _files[code]


def _place(item: CatalogueItem) -> tuple[int, bool, str]:
    """By line; what is not more special comes last."""
    return _ORDER.get(item.line, len(_ORDER)), item.code.endswith("_question"), item.title.lower()


def _remember(code: str, version: int, document: Mapping[str, Any]) -> CatalogueItem | None:
    try:
        item = build(ItemDocument(every_language=False).load(document), version)
    except ValidationError:
        log.exception("version %s of item %s can't be read", version, code)
        return None
    return _versions.setdefault((code, version), item)


def _read_version(code: str, version: int) -> CatalogueItem:
    with db.session.no_autoflush:
        document = queries.find_document(code=code, version=version)
    found = _remember(code, version, document) if document is not None else None
    if found is not None:
        return found
    if code not in shipped():
        raise NotFound
    return _stand_ins.setdefault((code, version), _shipped(code))
