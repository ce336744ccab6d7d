"""A request's past, told to one side: steps of its life, and what happened beside them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.service_requests import presenting
from app.service_requests.history.queries import Past
from app.service_requests.history.words import WORDS, R, Told
from app.service_requests.models import RequestMove
from app.web.i18n import text
from tenants.core.text import _m
from tenants.permissions import Actor

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """The names are those of the timeline macro; `what` is for programs."""

    at: datetime
    id: str
    what: str
    who: str
    side: str
    text: str
    icon: str
    note: str = ""


def told(past: Past, actor: Actor) -> list[Happened]:
    """Oldest first."""
    voices: dict[tuple[UUID | None, datetime], str] = {
        (row.approver_id, row.at): row.voice_name for row in past.approvals
    }
    steps = [
        _step(row, actor.side, voices.get((row.actor_id, row.at), ""))
        for row in presenting.seen_moves(past.moves, actor.side)
    ]
    named = past.named
    beside = [_beside(row, named, actor) for row in past.audited]
    return sorted(
        [*steps, *(one for one in beside if one is not None)], key=lambda one: (one.at, one.id)
    )


def _step(row: RequestMove, side: str, voice: str) -> Happened:
    event = presenting.move_event(row, side)
    note = text(_m("for %(name)s"), {"name": voice}) if voice else event.note
    return Happened(
        row.at, str(row.id), row.verb, event.who, row.actor_side, event.text, event.icon, note
    )


def _beside(row: Any, named: Mapping[str, str], actor: Actor) -> Happened | None:
    facts = json.loads(row.facts)
    told = _words(row, facts, actor)
    if told is None:
        return None
    said = {**facts, **_filled(row.name, facts, named)}
    what = row.name.split(".", 1)[1]
    return Happened(
        row.at, str(row.id), what, row.actor_name, row.actor_side, text(told.words, said), told.icon
    )


def _words(row: Any, facts: Facts, actor: Actor) -> Told | None:
    which = WHICH.get(row.name)
    variant = which(row, facts, actor) if which else ""
    return WORDS.get(f"{row.name}.{variant}" if variant else row.name)


def _follower(row: Any, facts: Facts, _: Actor) -> str:
    if "merged" in facts:
        return "along"
    return "own" if facts["watcher"] == str(row.actor_id) else ""


def _given(facts: Facts) -> str:
    why = str(facts["why"])
    if facts["cause"] == "recurring":
        return str(facts["passed"][0]["why"])
    away = bool(facts["passed"]) and facts["passed"][0]["why"] == "away"
    return f"{why}.away" if why == "deputy" and away else why


def _linked(_: Any, facts: Facts, actor: Actor) -> str:
    """Merging and splitting are steps of their own; of a line that the reader doesn't hold they
    learn no number."""
    if facts.get("kind", "related") != "related":
        return "step"
    return "" if facts.get("line") in actor.visible_lines else "hidden"


# Which of several things a name means; one that WORDS doesn't know is told elsewhere.
WHICH: Mapping[str, Callable[[Any, Facts, Actor], str]] = {
    f"{R}.document.asked": lambda _row, facts, _actor: "one" if facts["lines"] == 1 else "",
    f"{R}.watcher.added": _follower,
    f"{R}.watcher.removed": _follower,
    f"{R}.request.linked": _linked,
    f"{R}.request.unlinked": _linked,
    f"{R}.request.given": lambda _row, facts, _actor: _given(facts),
    f"{R}.handover.accepted": lambda row, facts, _actor: (
        "" if facts["assignee"] == str(row.actor_id) else "for"
    ),
    f"{R}.request.left": lambda _row, facts, _actor: str(facts["cause"]),
    f"{R}.offer.accepted": lambda _row, facts, _actor: "agreed" if facts["agreed"] else "",
    f"{R}.pause.decided": lambda _row, facts, _actor: str(facts["outcome"]),
}


def _filled(name: str, facts: Facts, named: Mapping[str, str]) -> dict[str, str | int]:
    about = (
        facts.get("line")
        or facts.get("deliverable")
        or facts.get("watcher")
        or facts.get("assignee")
    )
    found: dict[str, str | int] = {"what": named.get(str(about), "?")}
    if facts.get("passed"):
        found["other"] = named.get(facts["passed"][0]["user"], "?")
    if name.endswith("document.asked"):
        found["count"] = facts["lines"]
    if "step" in facts:
        found["step"] = facts["step"] + 1
    if "before" in facts:
        found["before"] = facts["before"]["minutes"]
    if "after" in facts:
        found["after"] = facts["after"]["minutes"]
    return found
