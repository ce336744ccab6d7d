"""A notice as a mail, in its reader's language and time zone."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel  # type: ignore[import-untyped]
from flask import current_app

from app.notifications.catalogue import Category, category_of
from app.notifications.letters import Company, Letter, compose
from app.notifications.reply_addresses import reply_address
from app.notifications.services import SEVERAL, Notice, Params
from app.web import formats
from app.web.i18n import language, text
from tenants.core.text import Words, _m
from tenants.models import PEOPLE_ROLES, Tenant
from tenants.permissions import GUEST
from tenants.queries import MailRecipient

PREFERENCES = "/account/notifications"
_ANSWER = _m(
    "You can also answer this mail: your words and files become a message on the request. An answer "
    "by mail approves and accepts nothing; that needs a sign-in."
)
# Facts that are English source texts, and those that are moments.
WORDS = ("item", "line", "level", "lacks")


def write(notice: Notice, tenant: Tenant, reader: MailRecipient, *, role: str = "") -> Params:
    """A reply of the client's own people counts. Guests have pages of their own to go to."""
    reply_to = _reply_to(notice, tenant, reader) if role in PEOPLE_ROLES else ""
    if role == GUEST and notice.link.startswith("requests/"):
        notice = replace(notice, link=f"guest/{notice.link}")
    with flask_babel.force_locale(reader.language):
        return _written(notice, tenant, reader, reply_to)


def _reply_to(notice: Notice, tenant: Tenant, reader: MailRecipient) -> str:
    domain = current_app.config["SETTINGS"].mail_in_domain
    number = notice.facts.get("number")
    if not domain or not notice.about or not number or not notice.link.startswith("requests/"):
        return ""
    return reply_address(
        code=tenant.code, number=int(str(number)), tenant_id=tenant.id, request_id=notice.about,
        user_id=reader.user_id, domain=domain,
    )  # fmt: skip


def _written(notice: Notice, tenant: Tenant, reader: MailRecipient, reply_to: str) -> Params:
    event, category = notice.kind, category_of(notice.kind)
    words = {"company": tenant.name, **notice.facts}
    words |= {name: _said(words[name]) for name in WORDS if words.get(name)}
    preferences = _url(PREFERENCES) if category.optional else ""
    company = tenant if tenant.kind == "client" else None
    mail = compose(
        Letter(
            name=reader.name,
            subject=_marked(text(event.subject, words), company, words.get("number")),
            title=text(event.subject, words),
            paragraphs=[text(event.lead, words)],
            after=[text(event.consequence, words)] if event.consequence else [],
            facts=_facts(words, ZoneInfo(reader.time_zone or tenant.time_zone)),
            action=text(event.action),
            link=_link(notice.link, tenant),
            company=Company(company.name, company.code, company.colour) if company else None,
            why=_why(category),
            preferences=preferences,
            answer=text(_ANSWER) if reply_to else "",
        )
    )
    return {
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "thread": f"about-{notice.about}" if notice.about else "",
        "preferences": preferences,
        "reply_to": reply_to,
    }


def _said(stored: Any) -> str:
    """An English source text or several, or a text with its own languages."""
    if isinstance(stored, dict):
        return text(Words.of(stored))
    return ", ".join(text(one) for one in str(stored).split(SEVERAL))


def _marked(subject: str, company: Tenant | None, number: Any) -> str:
    """“[LEN-12] …”: whose it is and which, before anything else."""
    if company is None:
        return subject
    mark = f"{company.code}-{number}" if number else company.code
    return f"[{mark}] {subject}"


def _facts(words: dict[str, Any], zone: ZoneInfo) -> list[tuple[str, str]]:
    found = [
        (
            _m("Request"),
            " · ".join(str(words[name]) for name in ("number", "item") if words.get(name)),
        ),
        (_m("Service line"), words.get("line")),
        (_m("Level"), words.get("level")),
        (_m("Asked"), _moment(words.get("asked_at"), zone)),
        (_m("Due"), _moment(words.get("due"), zone)),
        (_m("Access until"), _moment(words.get("until"), zone)),
    ]
    return [(text(label), str(value)) for label, value in found if value]


def _moment(value: str | None, zone: ZoneInfo) -> str:
    if not value:
        return ""
    at = datetime.fromisoformat(value).astimezone(zone)
    # The zone's own name, so that a reader who travels isn't misled.
    return f"{formats.datetime_text(at, language())} ({at:%Z})"


def _why(category: Category) -> str:
    if category.optional:
        return text(_m("You get this mail because “%(category)s” is on in your settings."),
                    {"category": text(category.title)})  # fmt: skip
    if category.code == "subscription":
        return text(_m("You get this mail because you administer your company's subscription. It "
                       "can't be switched off."))  # fmt: skip
    return text(_m("You get this mail because it concerns the security of your account or your "
                   "company. It can't be switched off."))  # fmt: skip


def _link(link: str, tenant: Tenant) -> str:
    return _url(link if link.startswith("/") else f"/c/{tenant.slug}/{link}")


def _url(path: str) -> str:
    base: str = current_app.config["SETTINGS"].base_url
    return f"{base}/{path.lstrip('/')}"
