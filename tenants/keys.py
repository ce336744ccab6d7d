"""The master key ring and the data keys of tenants."""

from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select

from tenants.core.crypto import DataKey, KeyRing
from tenants.core.db import db
from tenants.models import Tenant
from tenants.scoping import ScopeError, current_scope

_ring: KeyRing | None = None
_TENANTS = cast(Table, Tenant.__table__)
_WRAPPED = select(_TENANTS.c.wrapped_key).where(_TENANTS.c.id == bindparam("tenant"))


def use(master_keys: str) -> None:
    """Set the process's key ring: 32 bytes in base64, newest first, separated by commas."""
    global _ring
    _ring = KeyRing.from_text(master_keys)


def ring() -> KeyRing:
    if _ring is None:
        raise RuntimeError("keys.use() was not called")
    return _ring


def wrap_new(tenant_id: UUID) -> str:
    return ring().seal(DataKey.create(), f"{tenant_id}|tenants.wrapped_key")


def data_key() -> DataKey:
    """The data key of the tenant in scope."""
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise ScopeError("a data key belongs to a tenant")
    wrapped = db.session.execute(_WRAPPED, {"tenant": tenant_id}).scalar_one()
    return DataKey(ring().open(wrapped, f"{tenant_id}|tenants.wrapped_key"))
