"""Mails as they come to the hook: good ones, and every kind that is not believed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import text

from tenants.core.mail import OWN_MARK
from tests.factories import Company
from tests.factories.lifecycle import Made
from tests.mail_in.delivering import answer_address, hand_over, intake
from tests.mail_in.writing import letter, result
from tests.quarter.office import Office
from tests.quarter.script import Letter

ANSWERS = ("reply", "colleague", "bad_token", "other_sender")
ANSWERED = ("new", "assigned", "in_progress", "waiting_client", "in_review")


@dataclass(frozen=True)
class Sent:
    """`kind` as it was sent: what had nothing to answer became a new one. `on` is the request."""

    letter: Letter
    kind: str
    on: UUID | None
    at: datetime


@dataclass
class Post:
    office: Office
    browser: FlaskClient
    sent: list[Sent] = field(default_factory=list)
    # Not taken, because the database was away: the mail server tries again.
    waiting: list[tuple[Letter, bytes, str, dict[str, Any]]] = field(default_factory=list)
    # Everything that was ever kept, by its row, as it was last seen: what waits for longer than a
    # month is forgotten.
    seen: dict[UUID, Any] = field(default_factory=dict)

    def bring(self, one: Letter, now: datetime) -> None:
        company = self.office.companies[one.firm]
        made = self._open_request(one)
        kind = one.kind
        if made is None and kind in ANSWERS:
            kind = "signed"
        raw, to, envelope = _write(one, kind, company, made)
        self._hand_over(one, raw, to, envelope)
        if one.twice:
            above = b"Received: from relay.example by mx\r\n" if one.twice == "received" else b""
            self._hand_over(one, above + raw, to, envelope)
        self.sent.append(Sent(one, kind, made.id if made and kind != "signed" else None, now))

    def bring_first(self, one: Letter) -> None:
        """While nothing can be kept: a new one, whatever it was to be."""
        company = self.office.companies[one.firm]
        kind = one.kind if one.kind not in ANSWERS else "signed"
        raw, to, envelope = _write(one, kind, company, None)
        before = len(self.waiting)
        self._hand_over(one, raw, to, envelope)
        assert len(self.waiting) == before + 1, "it was taken without a database"
        self.sent.append(Sent(one, kind, None, one.at))

    def retry(self) -> None:
        waiting, self.waiting = self.waiting, []
        for one in waiting:
            self._hand_over(*one)

    def look(self) -> None:
        found = self.office.stage.rows(
            "SELECT id, tenant_id, subject, state, reason FROM inbound_mails"
            " WHERE tenant_id = ANY (:t)", t=[one.id for one in self.office.companies.values()],
        )  # fmt: skip
        self.seen |= {row.id: row for row in found}

    def _hand_over(self, one: Letter, raw: bytes, to: str, envelope: dict[str, Any]) -> None:
        answer = hand_over(self.browser, raw, to, **envelope)
        if answer.status_code >= 500:
            self.waiting.append((one, raw, to, envelope))
        else:
            assert answer.status_code == 200, answer.status

    def _open_request(self, one: Letter) -> Made | None:
        company = self.office.companies[one.firm]
        rows = self.office.stage.rows(
            "SELECT id, number FROM requests WHERE tenant_id = :t AND state = ANY (:s)"
            " ORDER BY number DESC LIMIT 6", t=company.id, s=list(ANSWERED),
        )  # fmt: skip
        if not rows:
            return None
        row = random.Random(f"letter-{one.number}").choice(rows)
        return Made(row.id, row.number, company)


def body_of(one: Letter, company: Company) -> str:
    """Found again wherever it lands."""
    return company.text(f"Letter {one.number:05d}")


def _write(
    one: Letter, kind: str, company: Company, made: Made | None
) -> tuple[bytes, str, dict[str, Any]]:
    key, proof = SENDERS.get(kind, ("user", ""))
    person = company.people[key]
    sender, domain = person.email, person.email.partition("@")[2]
    more: dict[str, Any] = {
        "subject": body_of(one, company), "message_id": f"<{one.number}@{company.slug}.example>",
    }  # fmt: skip
    if kind == "stranger":
        sender, domain = "somebody@elsewhere.example", "elsewhere.example"
    if proof:
        more["results"] = [proof.format(result=result(domain), domain=domain)]
    more |= {name.replace("-", "_"): value for name, value in HEADERS.get(kind, {}).items()}
    to = _address(one, kind, company, made)
    envelope = {"sender": ""} if kind == "bounce" else {}
    return letter(sender, to, body_of(one, company), **more), to, envelope


def _address(one: Letter, kind: str, company: Company, made: Made | None) -> str:
    if made is None or kind not in ANSWERS:
        return intake(company, "sales" if kind == "no_line" else one.line)
    if kind == "bad_token":
        # It was given out for another request.
        return answer_address(made, company.user, request_id=company.user.id)
    return answer_address(made, company.user)


SIGNED = "{result}"
# Who writes, and what stands above it of what servers found.
SENDERS = {
    "signed": ("user", SIGNED), "automatic": ("user", SIGNED), "loop": ("user", SIGNED),
    "bounce": ("user", SIGNED), "stranger": ("user", SIGNED), "colleague": ("other", SIGNED),
    "other_sender": ("other", ""), "no_line": ("finance_only", SIGNED),
    "foreign_results": ("user", "mx.attacker.example; dkim=pass header.d={domain}"),
    "dmarc_failed": ("user", "{result}; dmarc=fail header.from={domain}"),
}  # fmt: skip
HEADERS = {"automatic": {"Auto-Submitted": "auto-replied"}, "loop": {OWN_MARK: "1"}}


@contextmanager
def database_away(office: Office, name: str) -> Iterator[None]:
    """For the product's processes; its other databases and the superuser stay."""
    with office.stage.superuser.connect().execution_options(
        isolation_level="AUTOCOMMIT"
    ) as connection:
        connection.execute(text(f"ALTER DATABASE {name} CONNECTION LIMIT 0"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :d"
                 " AND usename IN ('coulisse_app', 'coulisse_dispatcher')"), {"d": name},
        )  # fmt: skip
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name} CONNECTION LIMIT -1"))
