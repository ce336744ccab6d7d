from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    column,
    func,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.directory.models import (
    ROLES,
    Party,
    PartyAccount,
    PartyAddress,
    PartyContact,
    PartyEndpoint,
    PartyIdentifier,
    PartyMerge,
)
from app.directory.naming import name_key
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of
from tenants.scoping import scoped_tenant_id

STATES = ("active", "archived", "all")
# Of the imports, which stand above, no more than this.
_IMPORTS = table("party_imports", column("tenant_id"), column("id"), column("created_by"))
_IMPORT_ROWS = table(
    "party_import_rows", column("tenant_id"), column("import_id"), column("outcome"),
    column("before", JSONB),
)  # fmt: skip


@dataclass(slots=True)
class Parts:
    """What hangs on a party; main ones first."""

    identifier_rows: dict[str, PartyIdentifier] = field(default_factory=dict)
    addresses: list[PartyAddress] = field(default_factory=list)
    endpoints: list[PartyEndpoint] = field(default_factory=list)
    contacts: list[PartyContact] = field(default_factory=list)
    accounts: list[PartyAccount] = field(default_factory=list)

    @property
    def identifiers(self) -> dict[str, str]:
        return {scheme: row.value for scheme, row in self.identifier_rows.items()}

    def address(self, kind: str) -> PartyAddress | None:
        return next((row for row in self.addresses if row.kind == kind and row.main), None)

    @property
    def endpoint(self) -> PartyEndpoint | None:
        return next((row for row in self.endpoints if row.main), None)

    def endpoint_on(self, day: date) -> PartyEndpoint | None:
        """The main one, and while that doesn't hold another one that does."""
        return next((row for row in self.endpoints if row.holds_on(day)), None)

    @property
    def contact(self) -> PartyContact | None:
        return next((row for row in self.contacts if row.main), None)

    @property
    def account(self) -> PartyAccount | None:
        """The newest one that may be used."""
        return next((row for row in self.accounts if row.state == "active"), None)


def get_party(*, party_id: UUID, lock: bool = False) -> Party:
    """As it is stored: one that was merged says into which."""
    return _one(Party.id == party_id, lock)


def get_party_by_number(*, number: int, lock: bool = False) -> Party:
    return _one(Party.number == number, lock)


def _one(condition: ColumnElement[bool], lock: bool) -> Party:
    query = select(Party).where(Party.tenant_id == scoped_tenant_id(), condition)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def get_current_party(*, party_id: UUID) -> Party:
    """Of one that was merged, what it is part of now."""
    row = get_party(party_id=party_id)
    while row.merged_into is not None:
        row = get_party(party_id=row.merged_into)
    return row


def list_family(*, party_id: UUID) -> list[UUID]:
    """It and all that became part of it."""
    own = (
        select(Party.id)
        .where(Party.tenant_id == scoped_tenant_id(), Party.id == party_id)
        .cte("family", recursive=True)
    )
    found = own.union(
        select(Party.id).join(
            own, and_(Party.tenant_id == scoped_tenant_id(), Party.merged_into == own.c.id)
        )
    )
    return list(db.session.scalars(select(found.c.id)))


def known_since(*, party_id: UUID) -> datetime:
    """Since when there is an entry of it or of what became part of it."""
    family = literal(list_family(party_id=party_id), ARRAY(Uuid))
    return db.session.scalars(
        select(func.min(Party.created_at)).where(
            Party.tenant_id == scoped_tenant_id(), Party.id == any_(family)
        )
    ).one()


def list_by_ids(party_ids: Collection[UUID]) -> dict[UUID, Party]:
    if not party_ids:
        return {}
    rows = db.session.scalars(
        select(Party).where(
            Party.tenant_id == scoped_tenant_id(),
            Party.id == any_(literal(list(party_ids), ARRAY(Uuid))),
        )
    )
    return {row.id: row for row in rows}


def list_parties(
    *,
    role: str = "",
    search: str = "",
    state: str = "active",
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[Party]:
    """By name. What was merged shows under what it became part of only."""
    query = _matching(role, search, state).order_by(Party.name_key, Party.id).limit(limit + 1)
    if cursor:
        key, last = decode_cursor(cursor, str, UUID)
        query = query.where(or_(Party.name_key > key, and_(Party.name_key == key, Party.id > last)))
    rows = db.session.scalars(query).all()
    return page_of(rows, limit=limit, place=lambda row: (row.name_key, row.id))


def list_all(*, role: str = "", search: str = "", state: str = "active") -> Sequence[Party]:
    return db.session.scalars(
        _matching(role, search, state).order_by(Party.name_key, Party.id)
    ).all()


def _matching(role: str, search: str, state: str) -> Select[Party]:
    query = select(Party).where(Party.tenant_id == scoped_tenant_id(), Party.merged_into.is_(None))
    if role in ROLES:
        query = query.where(Party.customer if role == "customer" else Party.supplier)
    if state != "all":
        archived = Party.archived_at.is_not(None)
        query = query.where(archived if state == "archived" else ~archived)
    word = search.strip()
    return query.where(_found(word)) if word else query


def _found(word: str) -> ColumnElement[bool]:
    compact = "".join(word.split()).upper()
    identified = select(PartyIdentifier.party_id).where(
        PartyIdentifier.tenant_id == scoped_tenant_id(),
        PartyIdentifier.value.startswith(compact, autoescape=True),
    )
    placed = select(PartyAddress.party_id).where(
        PartyAddress.tenant_id == scoped_tenant_id(),
        PartyAddress.main,
        or_(PartyAddress.city.icontains(word, autoescape=True), PartyAddress.postcode == compact),
    )
    found = [
        Party.name.icontains(word, autoescape=True),
        Party.trade_name.icontains(word, autoescape=True),
        Party.name_key.contains(name_key(word), autoescape=True),
        Party.reference.icontains(word, autoescape=True),
        Party.id.in_(identified),
        Party.id.in_(placed),
    ]
    if word.isascii() and word.isdigit() and len(word) < 10:
        found.append(Party.number == int(word))
    return or_(*found)


def count_parties() -> dict[str, int]:
    """Of those in use, by role."""
    row = db.session.execute(
        select(
            func.count().label("all"),
            func.count().filter(Party.customer).label("customer"),
            func.count().filter(Party.supplier).label("supplier"),
        ).where(
            Party.tenant_id == scoped_tenant_id(),
            Party.merged_into.is_(None),
            Party.archived_at.is_(None),
        )
    ).one()
    return {"": row.all, "customer": row.customer, "supplier": row.supplier}


def load_parts(party_ids: Collection[UUID]) -> dict[UUID, Parts]:
    """Five statements, for one party as for a page of them."""
    found: dict[UUID, Parts] = defaultdict(Parts)
    if not party_ids:
        return found
    for one in _children(PartyIdentifier, party_ids, PartyIdentifier.scheme):
        found[one.party_id].identifier_rows[one.scheme] = one
    for row in _children(PartyAddress, party_ids, PartyAddress.main.desc()):
        found[row.party_id].addresses.append(row)
    for row in _children(PartyEndpoint, party_ids, PartyEndpoint.main.desc()):
        found[row.party_id].endpoints.append(row)
    for row in _children(PartyContact, party_ids, PartyContact.main.desc()):
        found[row.party_id].contacts.append(row)
    for row in _children(PartyAccount, party_ids, PartyAccount.id.desc()):
        found[row.party_id].accounts.append(row)
    return found


def _children(model: Any, party_ids: Collection[UUID], first: Any) -> Sequence[Any]:
    return db.session.scalars(
        select(model)
        .where(
            model.tenant_id == scoped_tenant_id(),
            model.party_id == any_(literal(list(party_ids), ARRAY(Uuid))),
        )
        .order_by(first, model.id)
    ).all()


def get_account(*, party_id: UUID, account_id: UUID, lock: bool = False) -> PartyAccount:
    query = select(PartyAccount).where(
        PartyAccount.tenant_id == scoped_tenant_id(),
        PartyAccount.party_id == party_id,
        PartyAccount.id == account_id,
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_identified(pairs: Collection[tuple[str, str]]) -> list[PartyIdentifier]:
    """Whose these (scheme, value) are, without parties that became part of others."""
    if not pairs:
        return []
    schemes, values = zip(*sorted(pairs), strict=True)
    wanted = (
        func.unnest(literal(list(schemes), ARRAY(Text)), literal(list(values), ARRAY(Text)))
        .table_valued("scheme", "value")
        .render_derived()
    )
    return list(
        db.session.scalars(
            select(PartyIdentifier)
            .join(
                wanted,
                and_(
                    wanted.c.scheme == PartyIdentifier.scheme,
                    wanted.c.value == PartyIdentifier.value,
                ),
            )
            .join(
                Party,
                and_(
                    Party.tenant_id == PartyIdentifier.tenant_id,
                    Party.id == PartyIdentifier.party_id,
                    Party.merged_into.is_(None),
                ),
            )
            .where(PartyIdentifier.tenant_id == scoped_tenant_id())
        )
    )


def list_by_references(references: Collection[str]) -> list[Party]:
    if not references:
        return []
    return list(
        db.session.scalars(
            select(Party).where(
                Party.tenant_id == scoped_tenant_id(),
                Party.merged_into.is_(None),
                Party.reference == any_(literal(list(references), ARRAY(Text))),
            )
        )
    )


def list_by_names(keys: Collection[str]) -> list[Party]:
    """Of these comparable names (`naming.name_key`)."""
    if not keys:
        return []
    return list(
        db.session.scalars(
            select(Party)
            .where(
                Party.tenant_id == scoped_tenant_id(),
                Party.merged_into.is_(None),
                Party.name_key == any_(literal(list(keys), ARRAY(Text))),
            )
            .order_by(Party.id)
        )
    )


def list_merges(*, party_id: UUID) -> Sequence[PartyMerge]:
    return db.session.scalars(
        select(PartyMerge)
        .where(PartyMerge.tenant_id == scoped_tenant_id(), PartyMerge.kept_id == party_id)
        .order_by(PartyMerge.id.desc())
    ).all()


def get_merge(*, party_id: UUID, merge_id: UUID) -> PartyMerge:
    row = db.session.execute(
        select(PartyMerge).where(
            PartyMerge.tenant_id == scoped_tenant_id(),
            PartyMerge.kept_id == party_id,
            PartyMerge.id == merge_id,
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_merges_of_account(account_id: UUID) -> Sequence[PartyMerge]:
    """Those that stand and brought it here or made it wait."""
    key = str(account_id)
    return db.session.scalars(
        select(PartyMerge).where(
            PartyMerge.tenant_id == scoped_tenant_id(),
            PartyMerge.undone_at.is_(None),
            or_(
                PartyMerge.moved["accounts"].contains([key]),
                PartyMerge.moved["held"].has_key(key),
            ),
        )
    ).all()


def came_in_list_of(*, account_id: UUID, user_id: UUID) -> bool:
    """Whether this person sent the list that it stood in, whoever took it."""
    sent, row = _IMPORTS.c, _IMPORT_ROWS.c
    query = (
        select(sent.id)
        .join_from(
            _IMPORTS,
            _IMPORT_ROWS,
            and_(row.tenant_id == sent.tenant_id, row.import_id == sent.id),
        )
        .where(
            sent.tenant_id == scoped_tenant_id(), sent.created_by == user_id,
            row.outcome == "changed", row.before.contains({"account": str(account_id)}),
        )
        .limit(1)
    )  # fmt: skip
    return db.session.execute(query).first() is not None
