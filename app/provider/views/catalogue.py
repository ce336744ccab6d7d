"""The provider's catalogue: its items by line and their versions."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue import services
from app.catalogue.lines import LINES
from app.provider.catalogue_pages import item_page, list_rows
from app.provider.catalogue_words import FIELD_WORDS, METER_WORDS, REVIEW_WORDS, RULES, STEP_WORDS
from app.provider.views.blueprint import bp
from app.provider.views.common import who
from app.web.i18n import LANGUAGES, language, text
from tenants.core import clock
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
