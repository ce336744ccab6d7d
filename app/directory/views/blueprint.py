from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for

from app.auth.current import current_actor, current_identity
from app.auth.identity import TenantContext
from app.directory import rights
from app.directory.country_names import country_choices
from app.directory.models import Party
from app.directory.queries import get_party_by_number
from app.web.i18n import language
from tenants.core import clock
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant

bp = Blueprint("directory", __name__, url_prefix="/c/<slug>/directory")


class OtherClient(Conflict):
    code = "other_client"
    message = _m(
        "This form was made for another client (%(made_for)s). Nothing was sent and your text is "
        "kept: check whom it is for."
    )


def check_client(slug: str) -> None:
    """The form names the client that its writer saw; the address names the one it goes to."""
    made_for = request.form.get("client", "")
    if made_for != slug:
        raise OtherClient(made_for=made_for[:64] or "?")


def reader() -> Actor:
    actor = current_actor()
    rights.require_reader(actor)
    return actor


def writer() -> Actor:
    actor = reader()
    rights.require(actor, rights.WRITE)
    return actor


def opened(number: int) -> Party:
    reader()
    return get_party_by_number(number=number)


def current_client() -> TenantContext:
    identity = current_identity()
    assert identity is not None
    assert identity.tenant is not None
    return identity.tenant


def page(template: str, **values: Any) -> str:
    actor = current_actor()
    return render_template(
        f"directory/{template}.html", client=current_client(),
        provider=actor.side == "provider", writes=rights.may(actor, rights.WRITE),
        releases=rights.may(actor, rights.RELEASE), done=request.args.get("done", ""), **values,
    )  # fmt: skip


def party_url(slug: str, party: Party, **values: Any) -> str:
    return url_for("directory.show", slug=slug, party_number=party.number, **values)


def territories() -> list[tuple[str, str]]:
    return [("", "–"), *country_choices(language())]


def today_here() -> date:
    return clock.now().astimezone(ZoneInfo(get_tenant().time_zone)).date()
