"""The provider's client companies: the list, and a new one."""

from typing import Any
from zlib import crc32

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.mails import invitation
from app.provider import queries
from app.provider.countries import ZONES, country_choices, country_name
from app.provider.proposals import propose_code, propose_slug
from app.provider.schemas import NewCompany
from app.provider.services.companies import FirstAdministrator, open_company
from app.provider.views.blueprint import bp
from app.provider.views.common import base_url, who
from app.web.branding import brands_css
from app.web.forms import BoundForm
from app.web.i18n import language
from tenants.core.errors import CoulisseError
from tenants.endpoints import new_company, provider
from tenants.models import TENANT_STATES
from tenants.queries import get_tenant

COLOURS = ("#0f6b4f", "#8a4b08", "#5b3a9b", "#0b6fa4", "#a3324b", "#4d6b0f", "#7a3b7a", "#2f5d8a")


@bp.get("/companies")
@provider("provider.administer")
def companies() -> ResponseReturnValue:
    search = request.args.get("q", "").strip().replace("\0", "")[:120]
    state = request.args.get("state", "")
    page = queries.list_companies(search=search, state=state, cursor=request.args.get("cursor"))
    shown = "|".join(f"{row.company.code}{row.company.colour}" for row in page.items)
    return render_template(
        "provider/companies.html", page=page, search=search, state=state, country=_country,
        counts=queries.count_companies(), states=TENANT_STATES, brands=crc32(shown.encode()),
        filtered=bool(search or state or request.args.get("cursor")),
    )  # fmt: skip


@bp.get("/brands.css")
@provider("provider.administer")
def brands() -> Response:
    css = brands_css(queries.list_brands())
    return Response(css, mimetype="text/css", headers={"Cache-Control": "private, max-age=300"})


@bp.get("/new-company")
@provider("provider.administer")
def new_company_form() -> ResponseReturnValue:
    own = get_tenant()
    values = {
        "country": own.country if own.country in ZONES else "FR",
        "language": own.language,
        "document_language": own.language,
        "admin_language": own.language,
        "colour": COLOURS[sum(queries.count_companies().values()) % len(COLOURS)],
    }
    return _form(BoundForm(NewCompany, values=values, choices=_choices()))


@bp.get("/new-company/proposal")
@provider("provider.administer")
def proposal() -> ResponseReturnValue:
    """The letters and the short name as the form is filled in; what was typed stays."""
    codes, slugs = queries.list_taken()
    name = request.args.get("name", "").strip()[:120]
    values = {
        "code": request.args.get("code") or (propose_code(name, taken=codes) if name else ""),
        "slug": request.args.get("slug") or (propose_slug(name, taken=slugs) if name else ""),
    }
    return render_template("provider/_proposal.html", form=BoundForm(NewCompany, values=values))


@bp.post("/new-company")
@new_company("provider.administer")
def begin_company() -> ResponseReturnValue:
    form = BoundForm(NewCompany, request.form, choices=_choices())
    if form.load():
        typed = dict(form.data)
        try:
            opened = open_company(
                country=typed["country"], code=typed["code"], slug=typed["slug"],
                facts=facts_of(typed, typed["country"]),
                administrator=FirstAdministrator(
                    typed["admin_name"], typed["admin_email"], typed["admin_language"]
                ),
                write=invitation(typed["name"]), base_url=base_url(),
                by_agreement=typed["subscription"] == "agreed", **who(),
            )  # fmt: skip
            return redirect(url_for("provider.company", slug=opened.slug, done="begun"), 303)
        except CoulisseError as error:
            form.refuse(error)
    return _form(form)


def facts_of(typed: dict[str, Any], country: str) -> dict[str, Any]:
    """What the service calls the fields of CompanyFacts."""
    same = ("name", "legal_form", "registration_number", "vat_id", "language")
    return {name: typed[name] for name in same} | {
        "colour": typed["colour"],
        "time_zone": typed["time_zone"] or ZONES.get(country, "Europe/Paris"),
        "document_languages": list(
            dict.fromkeys([typed["document_language"], *typed["more_languages"]])
        ),
    }


def _choices() -> dict[str, Any]:
    return {"country": country_choices(language())}


def _country(code: str) -> str:
    return country_name(code, language())


def _form(form: BoundForm) -> ResponseReturnValue:
    return render_template("provider/new_company.html", form=form), form.status
