"""What the pages about the catalogue show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.catalogue import queries
from app.catalogue.differences import NAMES, differences
from app.catalogue.document import ItemDocument
from app.catalogue.files import shipped
from app.catalogue.item import CatalogueItem
from app.catalogue.memory import ITEMS, get_item
from app.catalogue.models import CatalogueEntry, CatalogueVersion
from app.catalogue.wording import main_language, missing_texts
from app.provider.queries import catalogue_use
from app.web.i18n import text
from tenants.core.text import _m

USED_DAYS = timedelta(days=90)
Change = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """`own`: the version that holds; `begun_here`: the whole item. `newer` is a version that
    shipped since the provider made its own."""

    item: CatalogueItem
    offered: bool
    own: bool
    begun_here: bool
    newer: bool
    requests: int


@dataclass(frozen=True, slots=True)
class VersionShown:
    version: CatalogueVersion
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """`entry` is empty for what no installation put into the database yet. `missing` counts the
    texts that are not written, by language; `main` is read in their place."""

    item: CatalogueItem
    entry: CatalogueEntry | None
    versions: Sequence[VersionShown]
    newer: CatalogueVersion | None
    newer_changes: Sequence[Change]
    requests: int
    missing: Mapping[str, int]
    main: str


def list_rows(*, now: datetime) -> Mapping[str, Sequence[Row]]:
    """By line."""
    entries, used = queries.list_entries(), catalogue_use(now - USED_DAYS)
    origins, newest = queries.origins_in_force(), queries.newest_shipped()
    begun = queries.codes_begun_here()
    found: dict[str, list[Row]] = {}
    for code, item in ITEMS.items():
        entry, own = entries.get(code), origins.get(code) == "own"
        newer = entry is not None and own and _is_newer(entry, newest.get(code, 0))
        offered = entry is None or entry.offered
        row = Row(item, offered, own, code in begun, newer, used.get(code, 0))
        found.setdefault(item.line, []).append(row)
    return found


def item_page(*, code: str, version: int | None, now: datetime) -> ItemPage:
    item = get_item(code, version)
    entry, versions = queries.find_entry(code=code), queries.list_versions(code=code)
    by_number = {one.version: one for one in versions}
    own = entry is not None and by_number[entry.version].origin == "own"
    last = next((one for one in versions if one.origin == "shipped"), None)
    newer = last if entry and own and last and _is_newer(entry, last.version) else None
    shown = by_number[item.version].document if item.version in by_number else {}
    return ItemPage(
        item=item,
        entry=entry,
        versions=[
            VersionShown(one, _changes(by_number[one.version - 1], one))
            if one.version - 1 in by_number else VersionShown(one, ())
            for one in versions
        ],
        newer=newer,
        newer_changes=_changes(by_number[entry.version], newer) if entry and newer else (),
        requests=catalogue_use(now - USED_DAYS).get(code, 0),
        missing=missing_texts(shown),
        main=main_language(shown),
    )  # fmt: skip


def document_to_edit(code: str) -> dict[str, Any]:
    """Of the version that holds now."""
    item = get_item(code)
    stored = queries.find_document(code=code, version=item.version)
    found: dict[str, Any] = ItemDocument().dump(
        ItemDocument(every_language=False).load(stored) if stored else shipped()[code]
    )
    return found


def _is_newer(entry: CatalogueEntry, shipped_last: int) -> bool:
    return shipped_last > entry.version and shipped_last != entry.kept_version


def _changes(before: CatalogueVersion, after: CatalogueVersion) -> list[Change]:
    return [
        (place_text(place), _said(old), _said(new))
        for place, old, new in differences(before.document, after.document)
    ]


def place_text(place: Sequence[str]) -> str:
    """“Form · employee · Label (fr)”."""
    parts = [text(NAMES.get(part, part)) for part in place]
    if place[-1] in ("en", "fr", "de"):
        parts[-2:] = [f"{parts[-2]} ({place[-1]})"]
    return " · ".join(parts)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return text(_m("Yes")) if value else text(_m("No"))
    return "" if value is None else str(value)
