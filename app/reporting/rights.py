"""Who reads a report: whoever sees every line that it is about. Who knows the client's work may
write; checking and sending are for those who sign months off."""

from collections.abc import Iterable

from app.service_levels.rights import may_sign
from tenants.core.errors import Forbidden
from tenants.core.text import _m
from tenants.permissions import Actor

OTHER_LINES = _m(
    "This report also holds service lines that you do not see. Somebody who sees all of them can "
    "open it."
)


def may_report(actor: Actor) -> bool:
    return may_sign(actor)


def require_reporter(actor: Actor) -> None:
    if not may_report(actor):
        raise Forbidden


def may_write(actor: Actor) -> bool:
    return actor.side == "provider" and (may_report(actor) or actor.can("request.work"))


def require_writer(actor: Actor) -> None:
    if not may_write(actor):
        raise Forbidden


def sees_all(actor: Actor, lines: Iterable[str]) -> bool:
    return actor.side == "system" or all(line in actor.lines for line in lines)


def require_lines(actor: Actor, lines: Iterable[str]) -> None:
    if not sees_all(actor, lines):
        raise Forbidden(OTHER_LINES, code="other_lines")
