"""Flask-Login, thin: the identity that the edge found, and nothing of its own cookies."""

from dataclasses import replace
from typing import cast

from flask import Flask, g, has_request_context
from flask_login import LoginManager, UserMixin, current_user

from app.auth.identity import Identity, OwnTimer
from tenants.permissions import Actor


class SignedInUser(UserMixin):  # type: ignore[misc]
    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.name = identity.name
        self.email = identity.email
        self.is_staff = identity.is_staff

    def get_id(self) -> str:
        return str(self.identity.user_id)


def current_identity() -> Identity | None:
    return cast("Identity | None", g.get("identity")) if has_request_context() else None


def current_actor() -> Actor:
    return cast(Actor, g.actor)


def remember_timer(timer: OwnTimer | None) -> None:
    """What the rest of this request shows, after the timer changed."""
    g.identity = replace(g.identity, timer=timer)


def init_login(app: Flask) -> None:
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)
    manager.session_protection = None
    # A junk cookie of Flask-Login's default name would otherwise skip the loader below.
    app.config["REMEMBER_COOKIE_NAME"] = "coulisse-unused"
    manager.request_loader(_load)
    app.jinja_env.globals["current_user"] = current_user


def _load(_request: object) -> SignedInUser | None:
    identity = current_identity()
    return SignedInUser(identity) if identity else None
