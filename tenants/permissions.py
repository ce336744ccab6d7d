"""Who may do what. One table of rights; an actor is made at the edge and passed down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tenants.core.errors import Forbidden
from tenants.core.text import _m

LEVELS = {"read": 1, "work": 2, "review": 3}

# Rights of the client's people; `approver` comes on top of either role.
MEMBER_RIGHTS: dict[str, frozenset[str]] = {
    "client_user": frozenset(
        {
            "company.enter", "request.read", "request.raise", "request.answer", "company.read",
            "token.use", "document.read", "document.file",
            "sales_invoice.read",
            "directory.read", "directory.write",
        }
    ),
    "client_admin": frozenset(
        {
            "company.enter", "request.read", "request.raise", "request.answer", "company.read",
            "people.manage", "subscription.read", "subscription.manage", "evidence.read",
            "payment_rules.read", "token.use", "token.manage", "webhook.read", "webhook.manage", "report.read",
            "report.acknowledge", "document.read", "document.file", "document.keep",
            "document.release", "document.retain",
            "sales_invoice.read", "sales_invoice.manage",
            "directory.read", "directory.write", "directory.release",
            "template.read", "template.manage",
        }
    ),
}  # fmt: skip
APPROVER_RIGHTS = frozenset({"request.approve"})
GUEST = "guest"
# An external accountant or auditor, by the level that the client's administrator gave them. None of
# the other rights: what is open to guests has to be opened to them on purpose.
GUEST_RIGHTS: dict[str, frozenset[str]] = {
    "read": frozenset({"company.enter", "guest.read", "directory.read"}),
    "query": frozenset({"company.enter", "guest.read", "guest.ask", "directory.read"}),
}
# Rights of the provider's people by the level of their grant on the line concerned.
GRANT_RIGHTS: dict[str, frozenset[str]] = {
    "read": frozenset(
        {
            "company.enter", "request.read", "note.read", "evidence.read", "payment_rules.read",
            "report.read", "document.read",
            "sales_invoice.read",
            "directory.read",
            "template.read",
        }
    ),
    "work": frozenset(
        {
            "company.enter", "request.read", "note.read", "note.write", "request.work", "request.raise",
            "time.record", "payment_control.work", "payment_rules.read", "evidence.read", "token.use",
            "report.read", "document.read", "document.file",
            "sales_invoice.read", "sales_invoice.work",
            "directory.read", "directory.write",
            "template.read", "template.manage",
        }
    ),
    "review": frozenset(
        {
            "company.enter", "request.read", "note.read", "note.write", "request.work", "request.raise",
            "time.record", "payment_control.work", "payment_rules.read", "evidence.read", "request.review", "token.use",
            "report.read", "document.read", "document.file", "document.keep",
            "sales_invoice.read", "sales_invoice.work", "sales_invoice.manage",
            "directory.read", "directory.write", "directory.release",
            "template.read", "template.manage",
        }
    ),
}  # fmt: skip
# Provider-wide rights: figures and administration, no client's content.
STAFF_RIGHTS: dict[str, frozenset[str]] = {
    "operator": frozenset({"desk.use"}),
    "supervisor": frozenset({"desk.use", "desk.supervise", "job.handle"}),
    "provider_admin": frozenset({"desk.use", "provider.administer", "job.handle"}),
}
# What a token's scope opens of its holder's rights; the first is the one that it is about. No
# scope holds `request.approve`: that needs a person with a second factor.
TOKEN_SCOPES: dict[str, tuple[str, ...]] = {
    "requests:read": ("request.read", "note.read"),
    "requests:write": ("request.raise", "request.read", "request.answer", "request.work"),
    "payments:read": ("request.read",),
    "payments:write": ("payment_control.work", "request.read"),
    "usage:read": ("subscription.read",),
    "invoices:read": ("subscription.read",),
    "reports:read": ("report.read",),
    "documents:read": ("document.read",),
    "documents:write": ("document.file", "document.read"),
    "sales_invoices:read": ("sales_invoice.read",),
    "sales_invoices:write": ("sales_invoice.work", "sales_invoice.read"),
    "directory:read": ("directory.read",),
    "directory:write": ("directory.write", "directory.read"),
    "webhooks:read": ("webhook.read",),
    "webhooks:write": ("webhook.manage", "webhook.read"),
}
SECOND_FACTOR_FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which tenant. `side` is 'client', 'provider' or 'system'.

    `lines` maps a service line to the grant's level for staff, to a guest's level, and to '' for a
    client's own people.
    `token_scopes` narrows the rights of a person whose token acts; None when they act themselves.
    """

    user_id: UUID | None
    name: str
    side: str
    tenant_id: UUID | None = None
    role: str = ""
    approver: bool = False
    lines: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    request_id: str = ""
    second_factor_at: datetime | None = None
    token_scopes: frozenset[str] | None = None

    def can(self, permission: str, line: str | None = None) -> bool:
        """Without a line: whether the right is held on any line."""
        if self.side == "system":
            return True
        if self.token_scopes is not None and not self._in_scope(permission):
            return False
        if self.is_guest:
            return self._held(GUEST_RIGHTS, permission, line)
        if self.side == "client":
            rights = MEMBER_RIGHTS.get(self.role, frozenset())
            if self.approver:
                rights |= APPROVER_RIGHTS
            return permission in rights and (line is None or line in self.lines)
        if permission in STAFF_RIGHTS.get(self.role, frozenset()):
            return True
        return self._held(GRANT_RIGHTS, permission, line)

    def _held(
        self, rights: Mapping[str, frozenset[str]], permission: str, line: str | None
    ) -> bool:
        levels = self.lines.values() if line is None else [self.lines.get(line, "")]
        return any(permission in rights.get(level, frozenset()) for level in levels)

    def _in_scope(self, permission: str) -> bool:
        return any(permission in TOKEN_SCOPES.get(one, ()) for one in self.token_scopes or ())

    def require(self, permission: str, line: str | None = None) -> None:
        if not self.can(permission, line):
            raise Forbidden

    def require_second_factor(self, now: datetime) -> None:
        """Step-up for money, payroll and approvals; `now` is the machine's time."""
        if self.second_factor_at is None or now - self.second_factor_at > SECOND_FACTOR_FRESH:
            raise Forbidden(
                _m("Please confirm with a code from your authenticator app."),
                code="second_factor_required",
            )

    @property
    def is_guest(self) -> bool:
        return self.side == "client" and self.role == GUEST

    @property
    def visible_lines(self) -> list[str]:
        return sorted(self.lines)


def offered_scopes(actor: Actor) -> list[str]:
    """The scopes that this person's rights give something to."""
    return [scope for scope, rights in TOKEN_SCOPES.items() if actor.can(rights[0])]


def system_actor(tenant_id: UUID, name: str = "Coulisse") -> Actor:
    return Actor(user_id=None, name=name, side="system", tenant_id=tenant_id)


ALL_PERMISSIONS = frozenset().union(
    *MEMBER_RIGHTS.values(),
    APPROVER_RIGHTS,
    *GUEST_RIGHTS.values(),
    *GRANT_RIGHTS.values(),
    *STAFF_RIGHTS.values(),
)
