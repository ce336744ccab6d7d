"""Who signs a month off: a reviewer of every line concerned, or a supervisor."""

from collections.abc import Iterable

from tenants.core.errors import Forbidden
from tenants.core.text import _m
from tenants.permissions import Actor

NOT_ALL_LINES = _m(
    "A month is signed off for all its lines at once: that takes the review level on each of them."
)


def may_sign(actor: Actor) -> bool:
    return actor.side == "provider" and (actor.can("desk.supervise") or actor.can("request.review"))


def require_signer(actor: Actor, lines: Iterable[str] = ()) -> None:
    if not may_sign(actor):
        raise Forbidden
    if actor.can("desk.supervise"):
        return
    if not all(actor.can("request.review", line) for line in lines):
        raise Forbidden(NOT_ALL_LINES)
