from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pyotp
from argon2 import PasswordHasher

from tenants import keys
from tenants.core.crypto import token_hash
from tenants.core.ids import uuid7
from tenants.models import (
    SERVICE_LINES,
    Grant,
    Member,
    SignInSession,
    StaffMember,
    Tenant,
    User,
)
from tenants.permissions import MEMBER_RIGHTS, Actor
from tenants.scoping import Scope
from tests.factories.stage import Stage

PASSWORD = "seven quiet lighthouses"
LINES = tuple(SERVICE_LINES[:5])
# What it made says itself that it is cheap to verify; the product's own are not.
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_numbers, _codes = itertools.count(1), itertools.count(1)


@cache
def _password_hash() -> str:
    return CHEAP.hash(PASSWORD)


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass
class Person:
    """`role` is a member's or staff's role; `company` is None for staff; `level` is a guest's."""

    id: UUID
    email: str
    name: str
    role: str
    company: Company | None = None
    approver: bool = False
    lines: tuple[str, ...] = ()
    totp_secret: str | None = None
    member_id: UUID | None = None
    grants: dict[str, UUID] = field(default_factory=dict)
    level: str = ""

    @property
    def is_staff(self) -> bool:
        return self.company is None

    def code(self, *, at: float | None = None) -> str:
        """The code of an authenticator app; a later `at` gives another one."""
        assert self.totp_secret, f"{self.name} has no second factor"
        return pyotp.TOTP(self.totp_secret).at(int(at if at is not None else time.time()))

    def actor(self, company: Company | None = None, *, level: str = "work") -> Actor:
        """As the edge would make it, freshly confirmed; staff hold `level` on all five lines."""
        company = self.company or company
        return Actor(
            user_id=self.id,
            name=self.name,
            side="provider" if self.is_staff else "client",
            tenant_id=company.id if company else None,
            role=self.role,
            approver=self.approver,
            lines=dict.fromkeys(LINES, level)
            if self.is_staff
            else dict.fromkeys(self.lines, self.level),
            second_factor_at=now(),
        )

    def scope(self, company: Company | None = None) -> Scope:
        company = self.company or company
        side = "provider" if self.is_staff else "client"
        return Scope(tenant_id=company.id if company else None, user_id=self.id, side=side)


@dataclass
class Company:
    """A client. Every text of it carries `canary`, so that any leak shows."""

    id: UUID
    slug: str
    name: str
    code: str
    canary: str
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def user(self) -> Person:
        return self.people["user"]

    @property
    def approver(self) -> Person:
        return self.people["approver"]

    @property
    def admin(self) -> Person:
        return self.people["admin"]

    @property
    def scope(self) -> Scope:
        """Of a job: the tenant, nobody's user, both sides' content."""
        return Scope(tenant_id=self.id, side="provider")

    def text(self, words: str) -> str:
        return f"{self.canary} {words}"

    def url(self, path: str = "") -> str:
        return f"/c/{self.slug}/{path.lstrip('/')}"


def _code(number: int) -> str:
    """Three letters. The first are those that no name which a test invents begins with, nor a code
    that the product proposes for it."""
    number, last = divmod(number, 26)
    number, middle = divmod(number, 26)
    return "DEGIJKQUWYVXOPTBFCHMNRLASZ"[number % 26] + chr(ord("A") + middle) + chr(ord("A") + last)


def _free_code(stage: Stage) -> str:
    for number in _codes:
        if not stage.rows("SELECT FROM tenants WHERE code = :code", code=_code(number)):
            return _code(number)
    raise AssertionError("it never ends")


def make_company(stage: Stage, *, kind: str = "company", **changes: Any) -> Company:
    """A client without people. `kind` begins its slug."""
    number = next(_numbers)
    tenant_id = uuid7()
    slug = f"{kind}-{number:05d}-{os.getpid()}"
    canary = f"CANARY-{slug}"
    values: dict[str, Any] = {
        "id": tenant_id,
        "slug": slug,
        "name": f"{canary} SA",
        "code": _free_code(stage),
        "colour": "#1f6f54",
        "country": "FR",
        "language": "en",
        "time_zone": "Europe/Paris",
        "wrapped_key": keys.wrap_new(tenant_id),
    }
    values.update(changes)
    stage.add(Tenant, values)
    return Company(tenant_id, values["slug"], values["name"], values["code"], canary)


def _user(email: str, name: str, second_factor: bool) -> tuple[dict[str, Any], str | None]:
    user_id, secret = uuid7(), pyotp.random_base32() if second_factor else None
    row = {
        "id": user_id,
        "email": email,
        "display_name": name,
        "password_hash": _password_hash(),
        "totp_sealed": keys.ring().seal(secret.encode(), f"{user_id}|users.totp_sealed")
        if secret
        else None,
        "totp_confirmed_at": now() if secret else None,
        "language": "en",
    }
    return row, secret


def make_member(
    stage: Stage,
    company: Company,
    *,
    key: str = "user",
    role: str = "client_user",
    approver: bool = False,
    lines: tuple[str, ...] = LINES,
    second_factor: bool | None = None,
) -> Person:
    """`key` names the person in `company.people`. The second factor follows the role's duty."""
    assert role in MEMBER_RIGHTS
    if second_factor is None:
        second_factor = approver or role == "client_admin"
    name = company.text(key.capitalize())
    email = f"{company.canary.lower()}-{key}@{company.slug}.example"
    row, secret = _user(email, name, second_factor)
    member_id = uuid7()
    stage.add(User, row)
    stage.add(
        Member,
        {
            "tenant_id": company.id,
            "id": member_id,
            "user_id": row["id"],
            "display_name": name,
            "email": email,
            "role": role,
            "approver": approver,
            "lines": list(lines),
        },
    )
    person = Person(row["id"], email, name, role, company, approver, lines, secret, member_id)
    company.people[key] = person
    return person


def make_guest(
    stage: Stage,
    company: Company,
    *,
    key: str = "guest",
    level: str = "read",
    lines: tuple[str, ...] = LINES,
    expires_at: datetime | None = None,
) -> Person:
    """An external accountant; like all guests with a second factor."""
    name = company.text(key.capitalize())
    email = f"{company.canary.lower()}-{key}@{company.slug}.example"
    row, secret = _user(email, name, True)
    member_id = uuid7()
    stage.add(User, row)
    stage.add(
        Member,
        {
            "tenant_id": company.id,
            "id": member_id,
            "user_id": row["id"],
            "display_name": name,
            "email": email,
            "role": "guest",
            "approver": False,
            "lines": list(lines),
            "guest_level": level,
            "guest_reason": company.text("annual accounts"),
            "invited_by_name": company.text("Admin"),
            "invited_at": now(),
            "expires_at": expires_at or now() + timedelta(days=90),
        },
    )
    person = Person(
        row["id"], email, name, "guest", company, False, lines, secret, member_id, level=level
    )
    company.people[key] = person
    return person


def make_staff(
    stage: Stage, *, role: str = "operator", name: str = "Operator", second_factor: bool = True
) -> Person:
    number = next(_numbers)
    name = f"{name} {number}"
    email = f"{role}-{number}-{os.getpid()}@provider.example"
    row, secret = _user(email, name, second_factor)
    stage.add(User, row)
    stage.add(StaffMember, {"user_id": row["id"], "display_name": name, "role": role})
    return Person(row["id"], email, name, role, totp_secret=secret)


def make_grant(
    stage: Stage,
    company: Company,
    person: Person,
    *,
    lines: tuple[str, ...] = LINES,
    level: str = "work",
    expires_at: datetime | None = None,
) -> None:
    """One grant a line; their ids stand in `person.grants` under 'slug/line'."""
    rows: list[dict[str, Any]] = [
        {
            "tenant_id": company.id,
            "id": uuid7(),
            "user_id": person.id,
            "display_name": person.name,
            "line": line,
            "level": level,
            "reason": company.text("contract"),
            "expires_at": expires_at or now() + timedelta(days=90),
        }
        for line in lines
    ]
    stage.add(Grant, *rows)
    person.grants.update({f"{company.slug}/{row['line']}": row["id"] for row in rows})


def make_session(stage: Stage, person: Person, *, second_factor: bool | None = None) -> str:
    """A sign-in session's token, without the form; confirmed if the person has a second factor."""
    confirmed = second_factor if second_factor is not None else person.totp_secret is not None
    token = uuid7().hex + uuid7().hex
    stage.add(
        SignInSession,
        {
            "token_hash": token_hash(token),
            "user_id": person.id,
            "second_factor_at": now() if confirmed else None,
            "address": "127.0.0.1",
            "user_agent": "tests",
        },
    )
    return token
