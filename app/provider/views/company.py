"""One client company: its facts, its administrators, who may see it."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.auth.mails import invitation
from app.catalogue.lines import LEVEL_ICONS, LEVELS, LINES
from app.provider import queries
from app.provider.countries import country_name
from app.provider.presenting import told
from app.provider.schemas import ROLES, ChangedFacts
from app.provider.services.companies import change_company, invite_again, state_of_facts
from app.provider.views.blueprint import bp
from app.provider.views.common import administered, base_url, who
from app.provider.views.companies import facts_of
from app.web.forms import BoundForm
from app.web.i18n import LANGUAGES, language
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.endpoints import company as company_scope
from tenants.models import Grant, Tenant
from tenants.queries import get_tenant, list_grants, list_member_facts, list_members, list_staff

SOON = timedelta(days=30)


@bp.get("/companies/<slug>")
@company_scope("provider.administer")
def company(slug: str) -> ResponseReturnValue:
    tenant, now = get_tenant(), clock.now()
    people = list_members(with_guests=True)
    administrators = [one for one in people if one.role == "client_admin"]
    live, ended = _grants(tenant.time_zone, now)
    names = {one.row.user_id: one.name for one in (*ended, *live)}
    names |= {key: one.display_name for one in people for key in (one.id, one.user_id)}
    return render_template(
        "provider/company.html", company=tenant, here=administered(), country=country_name(tenant.country, language()),
        languages=LANGUAGES,
        document_languages=", ".join(LANGUAGES[one] for one in tenant.document_languages),
        administrators=administrators, lines=LINES, levels=LEVELS,
        level_icons=LEVEL_ICONS, roles=ROLES,
        live=live, ended=ended, expiring=sum(one.soon for one in live),
        staff={one.user_id for one in list_staff()},
        others=[one for one in people if one.role != "client_admin"],
        facts=list_member_facts(user_ids=[one.user_id for one in people]),
        own=current_actor().user_id,
        events=[told(event, names) for event in queries.list_company_events(limit=8)],
        done=request.args.get("done", ""),
    )  # fmt: skip


@bp.get("/companies/<slug>/facts")
@company_scope("provider.administer")
def facts(slug: str) -> ResponseReturnValue:
    tenant = get_tenant()
    values = {**_stored(tenant), "seen": state_of_facts(tenant)}
    return _facts_form(tenant, BoundForm(ChangedFacts, values=values))


@bp.post("/companies/<slug>/facts")
@company_scope("provider.administer")
def change_facts(slug: str) -> ResponseReturnValue:
    tenant = get_tenant()
    form = BoundForm(ChangedFacts, request.form)
    if form.load():
        try:
            changed = change_company(
                facts=facts_of(form.data, tenant.country), seen=form.data["seen"], **who()
            )
            done = "changed" if changed else "same"
            return redirect(url_for("provider.company", slug=slug, done=done), 303)
        except CoulisseError as error:
            form.refuse(error)
    return _facts_form(tenant, form)


@bp.post("/companies/<slug>/administrators/<uuid:member_id>/invite")
@company_scope("provider.administer")
def invite_administrator(slug: str, member_id: UUID) -> ResponseReturnValue:
    tenant = get_tenant()
    invite_again(
        member_id=member_id, language=tenant.language, write=invitation(tenant.name),
        base_url=base_url(), **who(),
    )  # fmt: skip
    return redirect(url_for("provider.company", slug=slug, done="invited"), 303)


def _grants(zone: str, now: datetime) -> tuple[list[Any], list[Any]]:
    """Those that open the client, by person; the rest, newest first."""
    shown = [_grant(one, zone, now) for one in list_grants()]
    live = [one for one in shown if one.live]
    order = list(LINES)
    live.sort(key=lambda one: (one.name, order.index(one.row.line)))
    return live, [one for one in shown if not one.live]


def _grant(row: Grant, zone: str, now: datetime) -> Any:
    live = row.ended_at is None and row.expires_at > now
    return SimpleNamespace(
        row=row, name=row.display_name, live=live, soon=live and row.expires_at < now + SOON,
        until=row.last_day(zone),
    )  # fmt: skip


def _stored(tenant: Tenant) -> dict[str, Any]:
    main, *more = tenant.document_languages
    names = (
        "name",
        "legal_form",
        "registration_number",
        "vat_id",
        "language",
        "time_zone",
        "colour",
    )
    return {name: getattr(tenant, name) for name in names} | {
        "document_language": main, "more_languages": more,
    }  # fmt: skip


def _facts_form(tenant: Tenant, form: BoundForm) -> ResponseReturnValue:
    page = render_template("provider/facts.html", company=tenant, here=administered(), form=form,
                           country=country_name(tenant.country, language()))  # fmt: skip
    return page, form.status
