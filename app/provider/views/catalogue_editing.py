"""Editing an item of the catalogue, or beginning one of the provider's own."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue import services
from app.catalogue.document import CUT_OFF_MOST, REVIEWS
from app.catalogue.editing import (
    Draft,
    act,
    as_new,
    document_of,
    draft_from,
    draft_of,
    emptied,
    errors_of,
)
from app.catalogue.lines import LINES
from app.catalogue.memory import ITEMS, get_item
from app.catalogue.parts import FIELD_KINDS, STEP_KINDS
from app.catalogue.queries import began_here
from app.provider.catalogue_pages import document_to_edit, place_text
from app.provider.catalogue_words import FIELD_WORDS, METER_WORDS, REVIEW_WORDS, RULES, STEP_WORDS
from app.provider.views.blueprint import bp
from app.provider.views.common import who
from app.web.i18n import text
from app.web.icons import ICONS
from app.web.messages import say
from billing.models import METERS
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tenants.endpoints import provider

RIGHT = "provider.administer"
# What a new item begins with: its form, checklist and result suit most work.
PLAINEST = "administration_question"
Errors = Mapping[str, Sequence[str]]


@bp.get("/catalogue/<item_code>/edit")
@provider(RIGHT)
def edit_item(item_code: str) -> ResponseReturnValue:
    item = get_item(item_code)
    return _edit(item_code, draft_of(document_to_edit(item_code)), base=item.version)


@bp.post("/catalogue/<item_code>/edit")
@provider(RIGHT)
def publish_item(item_code: str) -> ResponseReturnValue:
    """Its buttons for rows only draw the form anew; one publishes."""
    draft, note, base = _draft(), _note(), request.form.get("base", 0, int)
    if act(draft, request.form.get("do", "")):
        return _edit(item_code, draft, base=base, note=note)
    now_held = document_to_edit(item_code)
    document = document_of(draft, {name: now_held[name] for name in services.FIXED})
    errors = _errors(document, note, every_language=not began_here(code=item_code))
    if errors:
        return _edit(item_code, draft, base=base, note=note, errors=errors), 422
    try:
        services.publish(code=item_code, document=document, note=note, base_version=base, **who())
    except CoulisseError as error:
        db.session.rollback()
        return _edit(item_code, draft, base=base, note=note, errors=_said(error)), error.status
    return redirect(url_for("provider.catalogue_item", item_code=item_code, done="published"), 303)


@bp.get("/catalogue/new-item")
@provider(RIGHT)
def new_item() -> ResponseReturnValue:
    """From nothing, or from another one."""
    copied = request.args.get("copy", "")
    document = as_new(document_to_edit(copied or PLAINEST))
    draft = draft_of(document if copied else emptied(document))
    return _begin({**draft, "line": request.args.get("line", draft["line"])}, copied=copied)


@bp.post("/catalogue/new-item")
@provider(RIGHT)
def begin_item() -> ResponseReturnValue:
    draft, note = _draft(), _note()
    code = draft["code"] = request.form.get("code", "").strip()
    line = draft["line"] = request.form.get("line", "")
    if act(draft, request.form.get("do", "")):
        return _begin(draft, note=note)
    document = document_of(draft, {"code": code, "line": line, "job": None, "version": 1})
    errors = _errors(document, note, every_language=False)
    if wrong := services.wrong_code(code):
        errors = {"code": [text(wrong)], **{key: errors[key] for key in errors if key != "code"}}
    if errors:
        return _begin(draft, note=note, errors=errors), 422
    try:
        services.begin(code=code, line=line, document=document, note=note, **who())
    except CoulisseError as error:
        db.session.rollback()
        return _begin(draft, note=note, errors=_said(error)), error.status
    return redirect(url_for("provider.catalogue_item", item_code=code, done="begun"), 303)


def _draft() -> Draft:
    return draft_from(request.form, request.form.getlist("meters"))


def _note() -> str:
    return request.form.get("note", "").strip()[:500]


def _errors(document: Mapping[str, Any], note: str, *, every_language: bool) -> Errors:
    found = errors_of(document, every_language=every_language)
    errors = {place: [say(one) for one in lines] for place, lines in found.items()}
    return errors if note else {**errors, "note": [say("Missing data for required field.")]}


def _said(error: CoulisseError) -> Errors:
    return {"": [text(error.message, error.params)]}


def _edit(
    item_code: str, draft: Draft, *, base: int, note: str = "", errors: Errors | None = None
) -> str:
    return _page(
        "provider/catalogue_edit.html", draft, note, errors or {}, item=get_item(item_code),
        base=base, begun_here=began_here(code=item_code), computes=bool(get_item(item_code).job),
    )  # fmt: skip


def _begin(draft: Draft, *, note: str = "", errors: Errors | None = None, copied: str = "") -> str:
    return _page(
        "provider/catalogue_new.html", draft, note, errors or {}, computes=False, copied=copied,
        lines=list(LINES.items()), items=list(ITEMS.values()), begun_here=True,
    )  # fmt: skip


def _page(
    template: str, draft: Draft, note: str, errors: Errors, *, computes: bool, **more: Any
) -> str:
    return render_template(
        template, draft=draft, note=note, errors=errors, meters=METERS, meter_words=METER_WORDS,
        icons=[(one, one) for one in sorted(ICONS)],
        field_kinds=[(kind, FIELD_WORDS[kind]) for kind in FIELD_KINDS],
        step_kinds=[(kind, STEP_WORDS[kind]) for kind in STEP_KINDS
                    if kind != "compute" or computes],
        reviews=[(one, REVIEW_WORDS[one]) for one in REVIEWS],
        rules=[(one, RULES[one]) for one in CUT_OFF_MOST],
        wrong=[(place, place_text(_named(place)), lines) for place, lines in errors.items()],
        countries=sorted({"FR", "DE", *draft["restricted"]}),
        errors_in=lambda part: any(place.startswith(f"{part}.") for place in errors), **more,
    )  # fmt: skip


def _named(place: str) -> list[str]:
    """Rows are counted from one by people."""
    return [str(int(part) + 1) if part.isdigit() else part for part in place.split(".")]
