"""The scope of a transaction: who may see which rows is set once, at the edge, and the database
holds it. See docs/adr/0002-isolation-by-the-database.md."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, ForeignKey, event, text
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column
from sqlalchemy.orm.session import SessionTransaction

from tenants.core.db import Session as AppSession
from tenants.core.db import db
from tenants.core.ids import uuid7

# In the driver's own words: it opens every transaction, and compiling costs as much as running it.
BIND = (
    "SELECT set_config('role', %(role)s, true), set_config('app.tenant_id', %(one)s, true),"
    " set_config('app.tenant_ids', %(many)s, true), set_config('app.user_id', %(me)s, true),"
    " set_config('app.side', %(side)s, true)"
)


class ScopeError(RuntimeError):
    """A mistake in our code, never the user's: the scope would be wrong or missing."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`side` is 'provider' or 'client'; internal notes exist for the provider's side only."""

    tenant_id: UUID | None = None
    user_id: UUID | None = None
    side: str = ""
    tenant_ids: tuple[UUID, ...] = ()
    role: str = "none"

    def settings(self) -> dict[str, str]:
        return {
            "role": self.role,
            "one": str(self.tenant_id or ""),
            "many": "{" + ",".join(map(str, self.tenant_ids)) + "}" if self.tenant_ids else "",
            "me": str(self.user_id or ""),
            "side": self.side,
        }


NOBODY = Scope()


@event.listens_for(AppSession, "after_begin")
def _bind(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    # ROLLBACK TO SAVEPOINT restores the settings by itself.
    if transaction.nested:
        return
    connection.exec_driver_sql(BIND, session.info.get("scope", NOBODY).settings())


@event.listens_for(AppSession, "before_flush")
def _own_rows(session: Session, _context: Any, _instances: Any) -> None:
    scope: Scope = session.info.get("scope", NOBODY)
    for row in session.new:
        if isinstance(row, TenantOwned):
            if row.tenant_id is None:
                row.tenant_id = scope.tenant_id
            if row.tenant_id is None or row.tenant_id != scope.tenant_id:
                raise ScopeError(f"{type(row).__name__} of another tenant, or without one")
    if scope.role == "coulisse_desk" and (session.new or session.dirty or session.deleted):
        raise ScopeError("nothing is written across tenants")


class TenantOwned:
    """Mixin: `tenant_id` first in the primary key, filled from the scope at flush."""

    @declared_attr
    def tenant_id(cls) -> Mapped[UUID]:  # noqa: N805 - a declared_attr gets the class
        return mapped_column(ForeignKey("tenants.id"), primary_key=True, sort_order=-10)

    @declared_attr
    def id(cls) -> Mapped[UUID]:  # noqa: N805
        return mapped_column(
            primary_key=True, default=uuid7, server_default=text("uuidv7()"), sort_order=-9
        )


def current_scope() -> Scope:
    scope: Scope = db.session().info.get("scope", NOBODY)
    return scope


def scoped_tenant_id() -> UUID:
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise ScopeError("no tenant in scope")
    return tenant_id


def enter(scope: Scope) -> None:
    """Set the scope of this request's or job's transactions from here on.

    Refused while a transaction is open, while objects of an earlier scope are still at hand
    (`session.get` would give them out without asking the database), or when a scope is set.
    """
    session = db.session()
    if session.in_transaction():
        raise ScopeError("a transaction is open")
    if len(session.identity_map):
        raise ScopeError("objects of an earlier scope are loaded")
    if session.info.get("scope", NOBODY) != NOBODY:
        raise ScopeError("another scope is set: leave() it first")
    session.info["scope"] = scope


def leave() -> None:
    """Drop the scope with all that was loaded under it; unflushed changes are a mistake."""
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise ScopeError("changes would be lost")
    session.rollback()
    session.expunge_all()
    session.info.pop("scope", None)


@contextmanager
def across_tenants(
    *, reason: str, tenant_ids: Sequence[UUID], user_id: UUID | None = None
) -> Iterator[Session]:
    """A short read over the operator's granted tenants, in a session of its own."""
    if not reason:
        raise ScopeError("say why")
    if db.session().in_transaction():
        # With a pool of one this would wait for itself.
        raise ScopeError("a transaction is open")
    session = db.session.session_factory()
    session.info["scope"] = Scope(
        role="coulisse_desk", tenant_ids=tuple(tenant_ids), user_id=user_id, side="provider"
    )
    try:
        yield session
    finally:
        session.close()
