"""Who sends this request, and what they are to the client in its URL: one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, TextClause, text

from tenants.core.db import single_statements
from tenants.permissions import Actor

TOKEN = text("SELECT * FROM token_context(:token_hash)")
SESSION = text("SELECT * FROM session_context(:token_hash, :slug, :opens)")


@dataclass(frozen=True, slots=True)
class TenantContext:
    id: UUID
    slug: str
    name: str
    code: str
    colour: str
    country: str
    language: str
    time_zone: str
    state: str
    access: str
    new_work: bool


@dataclass(frozen=True, slots=True)
class OwnTimer:
    """The person's timer, on a request of whichever client; `since` is empty while it is paused."""

    request_id: UUID
    number: int
    slug: str
    code: str
    seconds: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Identity:
    user_id: UUID
    name: str
    email: str
    language: str
    own_time_zone: str | None
    single_keys: bool
    staff_role: str | None
    second_factor_at: datetime | None
    needs_second_factor: bool
    has_second_factor: bool
    token_hash: str
    tenant: TenantContext | None = None
    member_role: str | None = None
    approver: bool = False
    member_lines: tuple[str, ...] = ()
    guest_level: str = ""
    grant_lines: Mapping[str, str] | None = None
    token_scopes: frozenset[str] | None = None
    administered: TenantContext | None = None
    timer: OwnTimer | None = None

    @property
    def complete(self) -> bool:
        """A factor that somebody set up without having to is asked for too."""
        due = self.needs_second_factor or self.has_second_factor
        return not due or self.second_factor_at is not None

    @property
    def is_staff(self) -> bool:
        return self.staff_role is not None

    @property
    def side(self) -> str:
        """A member acts for the client even when they are also the provider's staff."""
        return "client" if self.member_role else "provider"

    @property
    def time_zone(self) -> str:
        return self.timezone or "Europe/Paris"

    @property
    def timezone(self) -> str | None:
        """Under the name that `app.web.i18n` reads; it has a default of its own."""
        return self.own_time_zone or (self.tenant.time_zone if self.tenant else None)

    def actor(self, *, address: str = "", request_id: str = "") -> Actor:
        lines: Mapping[str, str] = self.grant_lines or {}
        if self.member_role:
            lines = dict.fromkeys(self.member_lines, self.guest_level)
        return Actor(
            user_id=self.user_id,
            name=self.name,
            side=self.side,
            tenant_id=here.id if (here := self.tenant or self.administered) else None,
            role=self.member_role or self.staff_role or "",
            approver=self.approver and self.member_role is not None,
            lines=lines,
            address=address,
            request_id=request_id,
            second_factor_at=self.second_factor_at,
            token_scopes=self.token_scopes,
        )


def find_token_holder(*, token_hash: str) -> Identity | None:
    """As whom a bearer token acts; None for one that is unknown, ended, expired, or whose holder
    has no access to its company any more."""
    row = _one(TOKEN, token_hash=token_hash)
    if row is None:
        return None
    return _identity(row, token_hash, row["tenant_slug"], scopes=frozenset(row["scopes"]))


def find_identity(
    *, token_hash: str, slug: str | None, administering: bool = False
) -> Identity | None:
    """None for an unknown, ended or idle session. `tenant` stays None for a client that doesn't
    exist, and for one where the person is neither member nor holder of a live grant.

    `administering`: the client comes as `administered` instead, for the provider's people whatever
    they are to it, and without what they may do there as member or operator.
    """
    row = _one(SESSION, token_hash=token_hash, slug=slug, opens=not administering)
    if row is None:
        return None
    return _identity(row, token_hash, slug or "", administering=administering)


def _one(statement: TextClause, **values: str | bool | None) -> RowMapping | None:
    with single_statements() as connection:
        return connection.execute(statement, values).mappings().one_or_none()


def _identity(
    row: RowMapping,
    token_hash: str,
    slug: str,
    *,
    scopes: frozenset[str] | None = None,
    administering: bool = False,
) -> Identity:
    found = _context(row, slug) if row["tenant_id"] else None
    opened = not administering and (row["member_role"] or row["grant_lines"])
    tenant = found if opened else None
    return Identity(
        user_id=row["user_id"],
        name=(row["member_name"] if tenant else None) or row["display_name"],
        email=row["email"],
        language=row["language"],
        own_time_zone=row["time_zone"],
        single_keys=row["single_keys"],
        staff_role=row["staff_role"],
        second_factor_at=row["second_factor_at"],
        needs_second_factor=row["needs_second_factor"],
        has_second_factor=row["has_second_factor"],
        token_hash=token_hash,
        tenant=tenant,
        member_role=row["member_role"] if tenant else None,
        approver=bool(row["approver"]),
        member_lines=tuple(row["member_lines"] or ()),
        guest_level=row.get("guest_level") or "",
        grant_lines=row["grant_lines"] if tenant else None,
        administered=found if administering and row["staff_role"] else None,
        token_scopes=scopes,
        timer=_timer(row) if row.get("timer_request") else None,
    )


def _timer(row: RowMapping) -> OwnTimer:
    return OwnTimer(
        request_id=row["timer_request"], number=row["timer_number"], slug=row["timer_slug"],
        code=row["timer_code"], seconds=row["timer_seconds"], since=row["timer_since"],
    )  # fmt: skip


def _context(row: RowMapping, slug: str) -> TenantContext:
    return TenantContext(
        id=row["tenant_id"],
        slug=slug,
        name=row["tenant_name"],
        code=row["tenant_code"],
        colour=row["tenant_colour"],
        country=row["tenant_country"],
        language=row["tenant_language"],
        time_zone=row["tenant_time_zone"],
        state=row["tenant_state"],
        access=row["tenant_access"],
        new_work=row["tenant_new_work"],
    )
