"""The master key ring and the data keys of tenants."""

from uuid import UUID

from tenants.company import find_tenant
from tenants.core.crypto import DataKey, KeyRing
from tenants.scoping import ScopeError

_ring: KeyRing | None = None


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
    tenant = find_tenant()
    if tenant is None:
        raise ScopeError("a data key belongs to a tenant")
    return DataKey(ring().open(tenant.wrapped_key, f"{tenant.id}|tenants.wrapped_key"))
