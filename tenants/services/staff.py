"""The provider's people."""

from datetime import datetime
from uuid import UUID

from tenants import audit, queries
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, NotFound
from tenants.core.text import _m
from tenants.models import STAFF_ROLES, StaffMember
from tenants.permissions import Actor
from tenants.services.checks import in_provider_scope, one_of
from tenants.services.invitations import end_invitations, ensure_user


class LastAdministrator(Conflict):
    code = "last_administrator"
    message = _m("This is the provider's last administrator. Name another one first.")


def add_staff(
    *, email: str, display_name: str, role: str, language: str, actor: Actor, now: datetime
) -> StaffMember:
    """The scope is the provider's. A person who is known already gets this role."""
    actor.require("provider.administer")
    in_provider_scope()
    one_of("role", role, STAFF_ROLES)
    user_id = ensure_user(email, display_name, language)
    person = queries.find_staff(user_id=user_id)
    if person is None:
        person = StaffMember(user_id=user_id)
        db.session.add(person)
    person.display_name = display_name
    person.role = role
    person.active = True
    db.session.flush()
    audit.record(
        "tenants.staff.added", actor=actor, now=now,
        object_type="user", object_id=user_id, role=role,
    )  # fmt: skip
    return person


def change_staff_role(*, user_id: UUID, role: str, actor: Actor, now: datetime) -> None:
    actor.require("provider.administer")
    in_provider_scope()
    one_of("role", role, STAFF_ROLES)
    hold_administrators(actor)
    person = queries.find_staff(user_id=user_id)
    if person is None or not person.active:
        raise NotFound
    if user_id == actor.user_id:
        raise Conflict(_m("Another administrator changes your role."), code="own_role")
    before = person.role
    if before == role:
        return
    if before == "provider_admin":
        _keep_an_administrator(user_id)
    person.role = role
    db.session.flush()
    audit.record(
        "tenants.staff.changed", actor=actor, now=now, object_type="user", object_id=user_id,
        before=before, role=role,
    )  # fmt: skip


def end_staff(*, user_id: UUID, actor: Actor, now: datetime) -> None:
    """Their grants stop opening any client with this."""
    actor.require("provider.administer")
    in_provider_scope()
    hold_administrators(actor)
    person = queries.find_staff(user_id=user_id)
    if person is None or not person.active:
        return
    if user_id == actor.user_id:
        raise Conflict(_m("You can't end your own access."), code="own_access")
    if person.role == "provider_admin":
        _keep_an_administrator(user_id)
    person.active = False
    db.session.flush()
    end_invitations(user_id=user_id)
    audit.record("tenants.staff.ended", actor=actor, now=now, object_type="user", object_id=user_id)


def hold_administrators(actor: Actor) -> None:
    """Whoever changes one of them waits for whoever else does; Forbidden for who is none by then.
    Their rows are locked before any other's, so that nobody blocks the one they wait for."""
    if actor.user_id not in (None, *queries.lock_provider_administrators()):
        raise Forbidden


def _keep_an_administrator(user_id: UUID) -> None:
    if not queries.count_other_provider_administrators(user_id=user_id):
        raise LastAdministrator
