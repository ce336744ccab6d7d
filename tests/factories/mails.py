"""Mails that came in, as a company's operators find them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.mail_in.addresses import Intake, Recipient
from app.mail_in.rules import MailRules
from app.mail_in.services.landing import read_mail
from app.mail_in.services.receiving import receive
from tenants.core.ids import uuid7
from tests.factories.people import Company, now
from tests.factories.stage import Stage, acting
from tests.mail_in.writing import letter

RULES = MailRules(domain="in.coulisse.example", authserv_id="mx.coulisse.example", own_domain="")


def make_mail(
    stage: Stage, company: Company, *, line: str = "finance", sender: str = "", **mail: Any
) -> UUID:
    """In quarantine: of a stranger, unless a sender is named."""
    to = f"{company.slug}+{line}@{RULES.domain}"
    raw = letter(
        sender or f"{company.canary.lower()}-stranger@elsewhere.example", to,
        **{"text": company.text("words of the mail"), "subject": company.text("Mail")} | mail,
    )  # fmt: skip
    with acting(stage, company.scope):
        mail_id = receive(
            raw=raw, envelope_from="x@elsewhere.example", source="lmtp", now=now(),
            recipient=Recipient(to, intake=Intake(company.slug, line)),
        ).mail_id  # fmt: skip
    with acting(stage, company.scope):
        read_mail(mail_id=mail_id, rules=RULES, now=now())
    return mail_id


def block_sender(stage: Stage, company: Company, address: str = "") -> UUID:
    blocked_id = uuid7()
    stage.run(
        "INSERT INTO blocked_senders (tenant_id, id, address, blocked_at, blocked_by_name)"
        " VALUES (:t, :i, :a, now(), 'Olga')",
        t=company.id, i=blocked_id, a=address or f"{company.canary.lower()}-spam@evil.example",
    )  # fmt: skip
    return blocked_id
