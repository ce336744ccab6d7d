"""The small marks that lists repeat in every row, as HTML made once: a macro call per row and mark
costs more than the whole query behind the list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from flask import Flask, current_app
from markupsafe import Markup, escape

from app.web.layout import initials


def icon(name: str, extra: str = "") -> Markup:
    return cast(Markup, current_app.jinja_env.globals["icon"](name, extra))  # type: ignore[operator]


def pill(label: str, symbol: str, tone: str = "") -> Markup:
    toned = f" tone-{escape(tone)}" if tone else ""
    return whole(f'<span class="pill{toned}">{icon(symbol)}{escape(label)}</span>')


def due(label: str, symbol: str, tone: str, spoken: str = "", title: str = "") -> Markup:
    """Time left, with icon and a word for those who don't see the colour."""
    return due_frame(symbol, tone, spoken).mark(label, title)


@dataclass(frozen=True, slots=True)
class DueFrame:
    """What many marks of time left have in common."""

    before: str
    between: str
    after: str

    def mark(self, label: str, title: str = "") -> Markup:
        return whole(f"{self.before}{escape(title)}{self.between}{escape(label)}{self.after}")


def due_frame(symbol: str, tone: str, spoken: str = "") -> DueFrame:
    said = f'<span class="visually-hidden"> {escape(spoken)}</span>' if spoken else ""
    return DueFrame(
        f'<span class="pill sla tone-{escape(tone or "calm")}" title="',
        f'">{icon(symbol) if symbol else ""}',
        f"{said}</span>",
    )


@lru_cache(maxsize=2048)
def person(name: str, small: bool = False) -> Markup:
    size = " person-sm" if small else ""
    safe = escape(name)
    return whole(
        f'<span class="person{size}" title="{safe}"><span aria-hidden="true">'
        f'{escape(initials(name))}</span><span class="visually-hidden">{safe}</span></span>'
    )


def whole(html: str) -> Markup:
    """Of HTML whose texts were escaped one by one."""
    return Markup(html)  # noqa: S704 - its parts are escaped one by one; Markup.format is ten times slower


def init_marks(app: Flask) -> None:
    app.jinja_env.globals.update(pill_mark=pill, due_mark=due, person_mark=person)
