"""One act on several requests of several clients: what would happen to each, and why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.desk.conditions import Reader
from app.desk.queries import DeskContext, list_able, list_picked
from app.desk.queue import across
from app.service_requests.away_words import away_sentence, is_before
from app.service_requests.transitions import ENDED, find_transition
from app.staffing.queries import Away, list_away
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.permissions import LEVELS

MOST = 200
# As far as somebody's absences are looked at.
AHEAD = timedelta(days=400)
# In the order of the buttons. Nothing here tells a client anything: what leaves for a client is
# written and sent one by one.
ACTS: Mapping[str, tuple[str, str]] = {
    "take": ("user-check", _m("Assign to me")),
    "assign": ("user-plus", _m("Assign to a colleague")),
    "release": ("user-minus", _m("Back to nobody")),
    "snooze": ("alarm", _m("Snooze")),
    "wake": ("bell", _m("Wake")),
    "priority": ("flag", _m("Set the priority")),
    "hold": ("clock-pause", _m("Put on hold")),
    "resume": ("player-play", _m("Resume")),
}
GONE = _m("it is not open to you any more")
ENDED_ALREADY = _m("it has ended")
READ_ONLY = _m("your access to this line is for reading")
WRONG_STATE = _m("not in its present state")
NO_GRANT = _m("this person has no access to its client and line")
NOTHING = _m("nothing to change")


@dataclass(frozen=True, slots=True)
class Pick:
    """A ticked row; `version` is what the preview showed, 0 before it."""

    slug: str
    number: int
    version: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """`obstacle` says why this one is left out, `warning` what speaks against it."""

    pick: Pick
    title: str
    item: str
    version: int
    obstacle: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class ClientPart:
    slug: str
    name: str
    code: str
    lines: Sequence[Line]

    @property
    def fit(self) -> Sequence[Line]:
        return [one for one in self.lines if not one.obstacle]


def picks_of(values: Sequence[str]) -> list[Pick]:
    """`slug/number` or `slug/number/version`, each request once, in the order of the list."""
    found: dict[tuple[str, int], Pick] = {}
    for value in values:
        slug, *numbers = value.split("/")
        if slug and 1 <= len(numbers) <= 2 and all(_short(one) for one in numbers):
            number, version = [*map(int, numbers), 0][:2]
            found[slug, number] = Pick(slug[:64], number, version)
    if not found:
        raise Invalid(_m("Tick at least one request."))
    if len(found) > MOST:
        raise Invalid(_m("%(most)s requests at once at most."), most=MOST)
    return list(found.values())


def _short(number: str) -> bool:
    return number.isdecimal() and len(number) <= 9


def preview(
    *,
    context: DeskContext,
    reader: Reader,
    act: str,
    picks: Sequence[Pick],
    chosen: Mapping[str, Any],
) -> list[ClientPart]:
    """Per client, in the order of the clients' names."""
    away = _absences(context, chosen, reader)
    with across(context, reason="desk bulk preview", user_id=reader.user_id) as session:
        rows = {
            (row["slug"], row["number"]): row
            for row in list_picked(session, pairs=context.pairs(), numbers=_numbers(context, picks))
        }
        able: set[tuple[UUID, str]] = set()
        if chosen.get("user_id"):
            able = list_able(session, user_id=chosen["user_id"], now=reader.now)
    parts = []
    for client in context.clients:
        lines = [
            _warned(
                _line(
                    one,
                    rows.get((one.slug, one.number)),
                    client.grant_lines,
                    act,
                    chosen,
                    able,
                    reader,
                ),
                rows.get((one.slug, one.number)),
                away,
                reader,
            )
            for one in picks
            if one.slug == client.slug
        ]
        if lines:
            parts.append(ClientPart(client.slug, client.name, client.code, lines))
    return parts


def _absences(context: DeskContext, chosen: Mapping[str, Any], reader: Reader) -> dict[str, Away]:
    """Of whom it would go to, by the sentence that says so; in the office's own scope."""
    who = chosen.get("user_id")
    if not who:
        return {}
    found = list_away(user_ids=[who], since=reader.now, until=reader.now + AHEAD)
    name = context.people.get(str(who), "")
    return {away_sentence(name, one): one for one in found}


def _warned(line: Line, row: Any, away: Mapping[str, Away], reader: Reader) -> Line:
    if row is None or line.obstacle:
        return line
    said = [words for words, one in away.items() if is_before(one, row["due_at"], reader.now)]
    return replace(line, warning=said[0]) if said else line


def _numbers(context: DeskContext, picks: Sequence[Pick]) -> list[tuple[UUID, int]]:
    ids = {one.slug: one.tenant_id for one in context.clients}
    return [(ids[one.slug], one.number) for one in picks if one.slug in ids]


def _line(
    pick: Pick, row: Any, levels: Mapping[str, str], act: str, chosen: Mapping[str, Any],
    able: set[tuple[UUID, str]], reader: Reader,
) -> Line:  # fmt: skip
    if row is None:
        return Line(pick, f"#{pick.number}", "", 0, GONE)
    level = LEVELS.get(levels.get(row["line"], ""), 0)
    if level < LEVELS["work"]:
        obstacle = READ_ONLY
    elif row["state"] in ENDED:
        obstacle = ENDED_ALREADY
    elif chosen.get("user_id") and (row["tenant_id"], row["line"]) not in able:
        obstacle = NO_GRANT
    else:
        obstacle = _unfit(act, row, chosen, reader)
    return Line(pick, row["title"], row["item"], row["version"], obstacle)


def _unfit(act: str, row: Any, chosen: Mapping[str, Any], reader: Reader) -> str:
    asleep = row["snoozed_until"] is not None and row["snoozed_until"] > reader.now
    same = {
        "take": row["assignee_id"] == reader.user_id,
        "assign": chosen.get("user_id") == row["assignee_id"],
        "release": row["assignee_id"] is None,
        "wake": not asleep,
        "priority": row["priority"] == chosen.get("priority"),
    }
    if same.get(act):
        return NOTHING
    if act in ("hold", "resume") and not find_transition(act, row["state"], who="provider"):
        return WRONG_STATE
    return WRONG_STATE if act == "priority" and row["state"] == "delivered" else ""
