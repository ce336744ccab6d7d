from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import flask_babel  # type: ignore[import-untyped]
from babel import Locale
from flask import (
    Flask,
    Response,
    g,
    has_app_context,
    has_request_context,
    make_response,
    redirect,
    request,
)
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from app.web import formats, still
from app.web.targets import is_local
from tenants.core.text import InContext, Words

LANGUAGES: Mapping[str, str] = {"fr": "Français", "de": "Deutsch", "en": "English"}
DEFAULT_ZONE = "Europe/Paris"
COOKIE = "lang"


class Person(Protocol):
    """What is read of a signed-in user; either may be None."""

    @property
    def language(self) -> str | None: ...
    @property
    def timezone(self) -> str | None: ...


def language() -> str:
    if has_app_context():
        locale: Locale | None = _held()[0]
    else:
        locale = flask_babel.get_locale()
    return locale.language if locale else "en"


def select_language(person: Person | None) -> str:
    chosen = (person and person.language) or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES), default="en") or "en"


def zone() -> ZoneInfo:
    return ZoneInfo(str(flask_babel.get_timezone()))


def catalogue() -> Any:
    """The translations of this request, found once: a page asks for hundreds of texts."""
    return _held()[1] if has_app_context() else flask_babel.get_translations()


def _held() -> tuple[Locale | None, Any]:
    """The locale of this request and its translations."""
    # Each look at `g` itself searches for the request anew.
    here = g._get_current_object()
    locale = getattr(here.get("_flask_babel"), "babel_locale", None)
    held = here.get("catalogue")
    # A forced locale (a mail in its reader's language) is another object.
    if held is None or held[0] is not locale:
        found = flask_babel.get_translations()
        held = here.catalogue = (flask_babel.get_locale(), found)
    return held  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class LocalFormats:
    """The reader's language and zone, found once for many times."""

    language: str
    zone: ZoneInfo

    def date(self, value: datetime) -> str:
        return formats.date_text(value.astimezone(self.zone).date(), self.language)

    def datetime(self, value: datetime) -> str:
        return formats.datetime_text(value.astimezone(self.zone), self.language)


def local_formats() -> LocalFormats:
    return LocalFormats(language(), zone())


def text(message: str, params: Mapping[str, Any] | None = None) -> str:
    """Translate a stored English source text with its %(name)s places."""
    if not message:
        return ""
    if isinstance(message, Words):
        translated = message.in_language(language())
    elif isinstance(message, InContext):
        translated = str(catalogue().upgettext(message.context, message))
    else:
        translated = str(catalogue().ugettext(message))
    return translated % params if params else translated


def remember_language(chosen: str | None, back_to: str | None) -> Response:
    """The answer to the language switch of public pages: a cookie and the page again."""
    response = make_response(redirect(back_to if back_to and is_local(back_to) else "/", 303))
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE, str(chosen), max_age=31_536_000, httponly=True, samesite="Lax",
            secure=request.is_secure,
        )  # fmt: skip
    return response


def _colon() -> str:
    """As the reader's language writes it before what follows: French sets it apart."""
    return "\u00a0: " if language() == "fr" else ": "


def _date(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(zone()).date()
    return formats.date_text(value, language()) if value else "–"


def _datetime(value: datetime | None) -> str:
    return formats.datetime_text(value.astimezone(zone()), language()) if value else "–"


def _time(value: datetime | None) -> str:
    return f"{value.astimezone(zone()):%H:%M}" if value else "–"


def _iso(value: date | datetime | None) -> str:
    return value.isoformat() if value else ""


def _filled(context: EvalContext, said: str, params: Mapping[str, Any]) -> str:
    # Translations are ours and may hold HTML; what is put into them is escaped, but in plain text.
    whole = Markup(said) if context.autoescape else said  # noqa: S704
    return whole % params if params or "%" in said else whole


@pass_eval_context
def _gettext(context: EvalContext, message: str, /, **params: Any) -> str:
    """What Jinja's own newstyle gettext does, without four calls in between."""
    return _filled(context, catalogue().ugettext(message), params)


@pass_eval_context
def _pgettext(context: EvalContext, of: str, message: str, /, **params: Any) -> str:
    return _filled(context, catalogue().upgettext(of, message), params)


@pass_eval_context
def _ngettext(context: EvalContext, singular: str, plural: str, num: int, /, **params: Any) -> str:
    return _filled(context, catalogue().ungettext(singular, plural, num), {"num": num} | params)


def init_i18n(
    app: Flask,
    *,
    current_person: Callable[[], Person | None],
    tenant_zone: Callable[[], str | None] = lambda: None,
) -> None:
    # Parsed here once instead of by Flask-Babel in every request.
    locales = {code: Locale.parse(code) for code in LANGUAGES}

    def locale_selector() -> Locale:
        return locales[select_language(current_person()) if has_request_context() else "en"]

    def timezone_selector() -> str:
        person = current_person() if has_request_context() else None
        return (person and person.timezone) or tenant_zone() or DEFAULT_ZONE

    flask_babel.Babel(app, locale_selector=locale_selector, timezone_selector=timezone_selector)
    app.jinja_env.globals.update(
        _=_gettext, gettext=_gettext, ngettext=_ngettext, pgettext=_pgettext
    )
    app.jinja_env.filters.update(
        fmt_date=_date,
        fmt_datetime=_datetime,
        fmt_time=_time,
        fmt_iso=_iso,
        fmt_time_left=formats.time_left,
        fmt_money=lambda minor, currency: formats.money_text(minor, currency, language()),
        fmt_unit_price=lambda minor, currency: formats.unit_price_text(minor, currency, language()),
        fmt_number=lambda value: formats.number_text(value, language()),
        fmt_percent=lambda value: formats.percent_text(value, language()),
        fmt_size=lambda size: formats.size_text(size, language()),
        tr=text,
    )
    app.jinja_env.globals.update(language=language, languages=LANGUAGES, colon=_colon)
    still.init_still(app, language)
