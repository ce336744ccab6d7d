"""The provider's catalogue: its items by line, their versions, and editing one."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue import services
from app.catalogue.document import CUT_OFF_MOST, REVIEWS
from app.catalogue.editing import Draft, act, document_of, draft_from, draft_of, errors_of
from app.catalogue.lines import LINES
from app.catalogue.memory import get_item
from app.catalogue.parts import FIELD_KINDS, STEP_KINDS
from app.provider.catalogue_pages import (
    document_to_edit,
    item_page,
    list_rows,
    place_text,
)
from app.provider.catalogue_words import FIELD_WORDS, METER_WORDS, REVIEW_WORDS, RULES, STEP_WORDS
from app.provider.views.blueprint import bp
from app.provider.views.common import who
from app.web.i18n import LANGUAGES, language, text
from app.web.icons import ICONS
from app.web.messages import say
from billing.models import METERS
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tenants.endpoints import provider

RIGHT = "provider.administer"


@bp.get("/catalogue")
@provider(RIGHT)
def catalogue() -> ResponseReturnValue:
    return render_template("provider/catalogue.html", rows=list_rows(now=clock.now()), lines=LINES)


@bp.get("/catalogue/<item_code>")
@provider(RIGHT)
def catalogue_item(item_code: str) -> ResponseReturnValue:
    return _show(item_code)


@bp.get("/catalogue/<item_code>/edit")
@provider(RIGHT)
def edit_item(item_code: str) -> ResponseReturnValue:
    item = get_item(item_code)
    return _edit(item_code, draft_of(document_to_edit(item_code)), base=item.version)


@bp.post("/catalogue/<item_code>/edit")
@provider(RIGHT)
def publish_item(item_code: str) -> ResponseReturnValue:
    """Its buttons for rows only draw the form anew; one publishes."""
    draft = draft_from(request.form, request.form.getlist("meters"))
    base, note = request.form.get("base", 0, int), request.form.get("note", "").strip()[:500]
    if act(draft, request.form.get("do", "")):
        return _edit(item_code, draft, base=base, note=note)
    now_held = document_to_edit(item_code)
    document = document_of(draft, {name: now_held[name] for name in services.FIXED})
    errors = {place: [say(one) for one in lines] for place, lines in errors_of(document).items()}
    if not note:
        errors["note"] = [say("Missing data for required field.")]
    if errors:
        return _edit(item_code, draft, base=base, note=note, errors=errors), 422
    try:
        services.publish(code=item_code, document=document, note=note, base_version=base, **who())
    except CoulisseError as error:
        db.session.rollback()
        said = text(error.message, error.params)
        return _edit(item_code, draft, base=base, note=note, errors={"": [said]}), error.status
    return redirect(url_for("provider.catalogue_item", item_code=item_code, done="published"), 303)


@bp.post("/catalogue/<item_code>/take")
@provider(RIGHT)
def take_version(item_code: str) -> ResponseReturnValue:
    services.take(
        code=item_code, version=request.form.get("version", 0, int),
        base_version=request.form.get("base", 0, int), **who(),
    )  # fmt: skip
    return _done(item_code, "taken")


@bp.post("/catalogue/<item_code>/keep")
@provider(RIGHT)
def keep_own_version(item_code: str) -> ResponseReturnValue:
    services.keep(code=item_code, version=request.form.get("version", 0, int), **who())
    return _done(item_code, "kept")


@bp.post("/catalogue/<item_code>/withdraw")
@provider(RIGHT)
def withdraw_item(item_code: str) -> ResponseReturnValue:
    services.withdraw(code=item_code, **who())
    return _done(item_code, "withdrawn")


@bp.post("/catalogue/<item_code>/offer")
@provider(RIGHT)
def offer_item(item_code: str) -> ResponseReturnValue:
    services.offer_again(code=item_code, **who())
    return _done(item_code, "offered")


def _done(item_code: str, what: str) -> ResponseReturnValue:
    return redirect(url_for("provider.catalogue_item", item_code=item_code, done=what), 303)


def _show(item_code: str) -> str:
    found = item_page(
        code=item_code, version=request.args.get("version", None, int), now=clock.now()
    )
    chosen = request.args.get("lang", "")
    return render_template(
        "provider/catalogue_item.html", page=found, item=found.item, line=LINES[found.item.line],
        lang=chosen if chosen in LANGUAGES else language(),
        field_words=FIELD_WORDS, step_words=STEP_WORDS, review_words=REVIEW_WORDS,
        meter_text=", ".join(text(METER_WORDS[one]) for one in found.item.meters), rules=RULES,
        done=request.args.get("done", ""),
    )  # fmt: skip


def _edit(item_code: str, draft: Draft, *, base: int, note: str = "", errors: Any = None) -> str:
    errors = errors or {}
    return render_template(
        "provider/catalogue_edit.html", item=get_item(item_code), draft=draft, base=base,
        note=note, errors=errors, icons=[(one, one) for one in sorted(ICONS)], meters=METERS, meter_words=METER_WORDS,
        field_kinds=[(kind, FIELD_WORDS[kind]) for kind in FIELD_KINDS],
        step_kinds=[(kind, STEP_WORDS[kind]) for kind in STEP_KINDS if kind != "compute"
                    or get_item(item_code).job],
        reviews=[(one, REVIEW_WORDS[one]) for one in REVIEWS],
        rules=[(one, RULES[one]) for one in CUT_OFF_MOST],
        wrong=[(place, place_text(_named(place)), lines) for place, lines in errors.items()],
        countries=sorted({"FR", "DE", *draft["restricted"]}),
        errors_in=lambda part: any(place.startswith(f"{part}.") for place in errors),
    )  # fmt: skip


def _named(place: str) -> list[str]:
    """Rows are counted from one by people."""
    return [str(int(part) + 1) if part.isdigit() else part for part in place.split(".")]
