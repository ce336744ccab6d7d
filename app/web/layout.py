from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from jinja2 import Undefined
from markupsafe import Markup


@dataclass(frozen=True)
class NavItem:
    """An entry of the left block; without a url it is a heading, with `client` a colour dot."""

    url: str | None
    icon: str | None
    label: str
    count: int | None = None
    active: bool = False
    alert: bool = False
    client: str | None = None


@dataclass(frozen=True)
class BarTimer:
    """The person's running or paused timer, in the bar of every page."""

    label: str
    client: str
    slug: str
    seconds: int
    running: bool
    forgotten: bool
    request_url: str
    action_url: str


@dataclass(frozen=True)
class Shell:
    """What the frame of a page needs to know; every link that is None is left out."""

    home_url: str = "/"
    search_url: str | None = None
    search_hint: str = ""
    account_url: str | None = None
    sign_out_url: str | None = None
    language_url: str | None = None
    user_name: str | None = None
    user_email: str | None = None
    keys: bool = True
    theme: str = "auto"
    stylesheets: tuple[str, ...] = ()
    timer: BarTimer | None = None
    # What everybody in the company should know before anything else.
    standing: str = ""


def initials(name: str) -> str:
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def attributes(pairs: dict[str, object]) -> Markup:
    """HTML attributes from a dict: True renders the bare name, None and False nothing."""
    parts = [
        Markup(" {}").format(name.replace("_", "-"))
        if value is True
        else Markup(' {}="{}"').format(name.replace("_", "-"), value)
        for name, value in pairs.items()
        if value not in (None, False, "") and not isinstance(value, Undefined)
    ]
    return Markup("").join(parts)


def init_layout(app: Flask) -> None:
    app.jinja_env.filters.update(initials=initials, attributes=attributes)
