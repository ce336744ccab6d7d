"""What a report says, as plain data: figures, and behind each the list that it counts."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from app.catalogue.lines import LINES
from app.contracts.terms import ContractTerms
from app.reporting.fact_queries import Invoiced, Used
from app.service_levels.judging import BREACHED, EXCLUDED
from app.service_levels.statement import LineMonth, Statement
from app.service_requests.scope import IN_SCOPE, NOT_COUNTED
from app.service_requests.transitions import OPEN
from tenants.core.text import Words

FORMAT = 1
# [number of a request or None, what it adds to the figure or None where each counts as one]
Entry = list[int | None]
Content = dict[str, Any]
_PLACES = {line: place for place, line in enumerate(LINES)}


class Work(Protocol):
    @property
    def number(self) -> int: ...
    @property
    def item(self) -> str: ...
    @property
    def line(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def raised_at(self) -> datetime: ...
    @property
    def delivered_at(self) -> datetime | None: ...
    @property
    def due_at(self) -> datetime: ...


class Rated(Protocol):
    @property
    def number(self) -> int: ...
    @property
    def line(self) -> str: ...
    @property
    def score(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Title:
    """`titled`: its requests have subjects of their own."""

    words: Words
    titled: bool


@dataclass(frozen=True)
class Facts:
    """`item_lines` are those of the items that the month or its contract knows."""

    statement: Statement
    work: Sequence[Work]
    ratings: Sequence[Rated]
    used: Sequence[Used]
    invoiced: Sequence[Invoiced]
    terms: ContractTerms
    titles: Mapping[str, Title]
    item_lines: Mapping[str, str]


def key(*parts: str) -> str:
    return ":".join(parts)


def compose(facts: Facts) -> Content:
    lists: dict[str, list[Entry]] = {}
    found: Content = {
        "format": FORMAT,
        "levels": _levels(facts.statement, lists),
        "inputs": _inputs(facts.statement, lists),
        "volumes": _volumes(facts, lists),
        "quotas": _quotas(facts, lists),
        "time": _time(facts, lists),
        "usage": _usage(facts.used, lists),
        "invoiced": [_plain(one) for one in facts.invoiced],
        "credits": _credits(facts.statement, lists),
        "booked": [
            {"line": one.line, "month": one.month.strftime("%Y-%m"), "change": one.change,
             "amount": one.amount}
            for one in facts.statement.booked_credits
        ],
        "ratings": _ratings(facts.ratings, lists),
        "open": [_point(one, facts.titles) for one in facts.work if one.state in OPEN],
        "lists": lists,
    }  # fmt: skip
    lists["open"] = [[one["number"], None] for one in found["open"]]
    found["lines"] = sorted(_lines(found) | {one.line for one in facts.ratings}, key=_place)
    found["titles"] = {
        code: {"en": str(one.words), **one.words.languages}
        for code, one in facts.titles.items()
        if any(code == row["item"] for name in ("volumes", "quotas") for row in found[name])
    }
    return found


def sha256_of(content: Mapping[str, Any]) -> str:
    """Of the same content the same, however a database keeps it."""
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def total(entries: Sequence[Entry]) -> int:
    """What a list adds up to."""
    return sum(1 if value is None else value for _, value in entries)


def _levels(found: Statement, lists: dict[str, list[Entry]]) -> list[dict[str, Any]]:
    rows = []
    for line in found.lines:
        for clock, figures in line.figures.items():
            if not figures.counted and not figures.excluded:
                continue
            own = [one for one in found.outcomes if (one.line, one.clock) == (line.line, clock)]
            for one in own:
                parts = (one.outcome, one.reason) if one.outcome == EXCLUDED else (one.outcome,)
                name = key("level", line.line, clock, *parts)
                lists.setdefault(name, []).append([one.number, None])
            shown = figures.as_document() | {"line": line.line, "clock": clock}
            rows.append(shown)
    return rows


def _inputs(found: Statement, lists: dict[str, list[Entry]]) -> list[dict[str, Any]]:
    rows = []
    for line in found.lines:
        if not line.inputs.due:
            continue
        own = [one for one in found.inputs if one.line == line.line]
        lists[key("inputs", line.line)] = [[one.number, None] for one in own]
        lists[key("late", line.line)] = [[one.number, None] for one in own if not one.in_time]
        rows.append(
            {"line": line.line, "due": line.inputs.due, "in_time": line.inputs.in_time,
             "minutes": line.inputs.minutes}
        )  # fmt: skip
    return rows


def _volumes(facts: Facts, lists: dict[str, list[Entry]]) -> list[dict[str, Any]]:
    span = facts.statement.span
    counted: dict[tuple[str, str], Counter[str]] = {}
    for one in facts.work:
        said = {
            "raised": span.holds(one.raised_at),
            "delivered": one.delivered_at is not None and span.holds(one.delivered_at),
            "open": one.state in OPEN,
        }
        for name in (name for name, holds in said.items() if holds):
            counted.setdefault((one.line, one.item), Counter())[name] += 1
            lists.setdefault(key(name, one.line, one.item), []).append([one.number, None])
    return [
        {"line": line, "item": item, **{name: counts[name] for name in
                                        ("raised", "delivered", "open")}}
        for (line, item), counts in sorted(counted.items(), key=lambda one: _place(*one[0]))
    ]  # fmt: skip


def _quotas(facts: Facts, lists: dict[str, list[Entry]]) -> list[dict[str, Any]]:
    rows = []
    for item, line in sorted(facts.item_lines.items(), key=lambda one: _place(one[1], one[0])):
        quota = facts.terms.quota(item)
        if quota is None:
            continue
        own: list[Entry] = [
            [one.number, None] for one in facts.work
            if one.item == item and facts.statement.span.holds(one.raised_at)
            and one.scope == IN_SCOPE and one.state not in NOT_COUNTED
        ]  # fmt: skip
        lists[key("quota", item)] = own
        rows.append({"line": line, "item": item, "quota": quota, "used": len(own)})
    return rows


def _time(facts: Facts, lists: dict[str, list[Entry]]) -> list[dict[str, Any]]:
    """Each request's own minutes only where the contract shows them."""
    work = facts.statement.work
    for one in work.requests or ():
        minutes: Entry = [one.number, one.worked.all]
        lists.setdefault(key("time", one.line), []).append(minutes)
    return [
        {"line": line, "billed": one.billed, "rest": one.rest}
        for line, one in sorted(work.lines.items(), key=lambda one: _place(one[0]))
    ]


def _usage(used: Iterable[Used], lists: dict[str, list[Entry]]) -> list[dict[str, Any]]:
    for one in used:
        lists.setdefault(key("usage", one.meter), []).append([one.number, one.quantity])
    return [
        {"meter": name.removeprefix("usage:"), "quantity": total(entries)}
        for name, entries in lists.items()
        if name.startswith("usage:")
    ]


def _credits(found: Statement, lists: dict[str, list[Entry]]) -> list[dict[str, Any]]:
    return [_credit(found, line, lists) for line in found.lines if line.credit]


def _credit(
    found: Statement, line: LineMonth, lists: dict[str, list[Entry]]
) -> dict[str, Any]:  # fmt: skip
    assert line.credit is not None
    missed: list[Entry] = [
        [one.number, None] for one in found.outcomes
        if one.line == line.line and one.outcome == BREACHED
    ]  # fmt: skip
    lists[key("breaches", line.line)] = missed
    names = ("base", "cap", "rates", "breaches", "amount")
    return {
        "line": line.line, "state": line.state,
        "until": line.until.isoformat() if line.until else None,
        **{name: getattr(line.credit, name) for name in names},
    }  # fmt: skip


def _ratings(ratings: Sequence[Rated], lists: dict[str, list[Entry]]) -> dict[str, Any]:
    for one in ratings:
        for name in ("rated", key("rated", str(one.score))):
            lists.setdefault(name, []).append([one.number, None])
    return {
        "count": len(ratings),
        "sum": sum(one.score for one in ratings),
        "scores": {str(score): sum(one.score == score for one in ratings) for score in range(1, 6)},
    }


def _point(one: Work, titles: Mapping[str, Title]) -> dict[str, Any]:
    title = titles.get(one.item)
    named = (
        {} if title is None or title.titled else {"en": str(title.words), **title.words.languages}
    )
    return {
        "number": one.number, "line": one.line, "item": named, "title": one.title,
        "state": one.state, "raised_at": one.raised_at.isoformat(),
        "due_at": one.due_at.isoformat(),
    }  # fmt: skip


def _lines(found: Content) -> set[str]:
    """Whoever reads the report has to see all of these."""
    return {
        row["line"]
        for name in ("levels", "inputs", "volumes", "quotas", "time", "credits", "booked", "open")
        for row in found[name]
        if name != "credits" or row["breaches"]
    }


def _place(line: str, *more: str) -> tuple[Any, ...]:
    return (_PLACES.get(line, len(_PLACES)), line, *more)


def _plain(one: Invoiced) -> dict[str, Any]:
    return {name: value if isinstance(value, int | str) else value.isoformat()
            for name, value in asdict(one).items()}  # fmt: skip
