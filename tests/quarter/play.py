"""The days of a script one after the other, through the product's own services, jobs and hook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from app.service_levels.services.signing import sign_off
from app.service_requests.recurring.queries import get_facts, get_recurrence
from app.service_requests.recurring.services import deciding, keeping
from app.service_requests.recurring.services.keeping import Wish
from tests.factories import Stage, make_session
from tests.quarter import hands
from tests.quarter.days import DAY
from tests.quarter.engine import Engine
from tests.quarter.handing import Handing
from tests.quarter.hands import Complaint
from tests.quarter.office import Office
from tests.quarter.people import People
from tests.quarter.post import Post, database_away
from tests.quarter.script import (
    CLIENTS,
    EARLY,
    EVENING,
    ITEM,
    MORNING,
    NOON,
    WORK,
    Change,
    Repeat,
    Script,
    at,
)


@dataclass
class Play:
    stage: Stage
    engine: Engine
    script: Script
    database: str
    complaints: list[Complaint] = field(default_factory=list)
    begun: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    signed: dict[tuple[int, date], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.office = Office(self.stage, self.script)
        self.people = People(self.office)
        self.handing = Handing(self.office)
        self.post = Post(self.office, self.stage.app.test_client())

    def run(self) -> None:
        self.office.open()
        self.engine.time_is(at(self.script.first, EARLY))
        self.engine.begin()
        for day in self.script.days:
            self._day(day)
        self.engine.time_is(self.script.end)
        self._sweep(self.script.last, self.script.end)

    def _day(self, day: date) -> None:
        if day in self.script.early:
            self._at(at(day, EARLY), lambda now: self._sweep(day, now))
        self._at(at(day, MORNING), lambda now: self._change(day, now))
        self._at(at(day, WORK), self._work)
        self._at(at(day, CLIENTS), lambda now: self._clients(day, now))
        self._letters(day)
        self._at(at(day, NOON), lambda now: self._sweep(day, now))
        self._at(at(day, EVENING), lambda now: self._evening(day, now))

    def _at(self, moment: datetime, act: Callable[[datetime], None]) -> None:
        act(self.engine.time_is(moment))

    def _sweep(self, day: date, now: datetime) -> None:
        if day in self.script.dark:
            return
        self.engine.sweep(twin=day in self.script.twin)
        self.complaints += hands.look(self.office, now)
        self.post.look()

    def _change(self, day: date, now: datetime) -> None:
        script, office = self.script, self.office
        for firm in (one for one in script.firms if one.joins == day):
            office.join(firm, now)
        self._access(day, now)
        for order in script.orders:
            if script.firms[order.firm].joins == day:
                office.order(order, now)
        for absence in script.absences:
            if absence.entered == day and not script.gone(absence.hand, now):
                office.absence(absence, now)
        for hand in (one for one in script.hands if one.leaves == day):
            office.leave(hand.place, now)
        self._repeats(day, now)

    def _access(self, day: date, now: datetime) -> None:
        for grant in self.script.grants:
            if grant.since == day and not self.script.gone(grant.hand, now):
                self.office.give(grant, now)
            if grant.until == day:
                self.office.end(grant, now)

    def _work(self, now: datetime) -> None:
        self.handing.write(now)
        self.people.work(now)

    def _repeats(self, day: date, now: datetime) -> None:
        for repeat in self.script.repeats:
            if repeat.begun == day:
                for _ in range(repeat.twins):
                    self._begin(repeat, now)
            for change in repeat.changes:
                if change.on == day:
                    self._changed(repeat, change, now)

    def _begin(self, repeat: Repeat, now: datetime) -> None:
        office, company = self.office, self.office.companies[repeat.firm]
        actor = self._boss(repeat.firm, now)
        named = repeat.assignee
        if named is not None and not self.script.level(named, repeat.firm, repeat.line, now):
            named = None
        wish = Wish(
            title=company.text(repeat.title), item=ITEM[repeat.line], rule=repeat.rule,
            form={"details": company.text("as ever")}, starts_on=repeat.starts_on,
            ends_on=repeat.ends_on, lead_days=repeat.lead,
            assignee_id=office.staff[named].id if named is not None else None,
            questions=["Anything new?"] if repeat.asks else (),
        )  # fmt: skip
        with office.acting(repeat.firm):
            row = keeping.begin_recurrence(wish=wish, actor=actor, now=now)
            self.begun.setdefault((repeat.firm, repeat.title), []).append(row.number)

    def _boss(self, firm: int, now: datetime) -> Any:
        boss = next(one.place for one in self.script.hands if one.role == "supervisor")
        return self.office.actor(boss, firm, now)

    def _changed(self, repeat: Repeat, change: Change, now: datetime) -> None:
        [number] = self.begun[repeat.firm, repeat.title]
        with self.office.acting(repeat.firm):
            actor = self._boss(repeat.firm, now)
            row = get_recurrence(actor=actor, number=number, for_change=True)
            who: dict[str, Any] = {"recurrence": row, "actor": actor, "now": now}
            CHANGES[change.kind](change, who)

    def _clients(self, day: date, now: datetime) -> None:
        self.handing.answer(now)
        self.people.answer(now)
        for asked in self.script.asked:
            if asked.on == day:
                self.people.ask(asked, now)

    def _letters(self, day: date) -> None:
        found = [one for one in self.script.letters if one.at.date() == day]
        found.sort(key=lambda one: one.at)
        if found and day in self.script.cut_off:
            self.engine.time_is(found[0].at)
            with database_away(self.office, self.database):
                self.post.bring_first(found[0])
            found = found[1:]
        for one in found:
            self._at(one.at, lambda now, one=one: self.post.bring(one, now))  # type: ignore[misc]
        self._at(at(day, time(14, 55)), lambda _: self.post.retry())

    def _evening(self, day: date, now: datetime) -> None:
        self._pull(now)
        self.people.work(now)
        # After the third business day of every company, its own closures and dark days included.
        if day not in self.script.dark and 9 <= day.day <= 15:
            self._sign(day.replace(day=1) - DAY, now)

    def _pull(self, now: datetime) -> None:
        """Everybody who is there takes one that nobody has."""
        for hand in self.script.hands:
            there = not self.script.away(hand.place, now) and not self.script.gone(hand.place, now)
            if hand.role == "operator" and there and (now.toordinal() + hand.place) % 3 == 0:
                browser = self._desk(hand.place)
                assert browser.post("/desk/next").status_code == 303

    def _desk(self, hand: int) -> FlaskClient:
        browser = self.stage.app.test_client()
        browser.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        token = make_session(self.stage, self.office.staff[hand])
        browser.set_cookie("coulisse", token, domain="localhost")
        return browser

    def _sign(self, last: date, now: datetime) -> None:
        month = last.replace(day=1)
        for firm in self.script.firms:
            if firm.joins > last or (firm.place, month) in self.signed:
                continue
            with self.office.acting(firm.place):
                sign_off(month=month, actor=self._boss(firm.place, now), now=now)
            company = self.office.companies[firm.place]
            self.signed[firm.place, month] = frozen(self.stage, company.id, month)


def frozen(stage: Stage, tenant_id: UUID, month: date) -> str:
    """Everything that was signed of this month, in one figure."""
    return str(
        stage.value(
            "SELECT md5(coalesce(string_agg(found, '|' ORDER BY found), '')) FROM ("
            "SELECT m::text AS found FROM sla_months m WHERE tenant_id = :t AND month = :m"
            " UNION ALL SELECT o::text FROM sla_outcomes o WHERE tenant_id = :t AND month = :m"
            " AND booked_in = :m) AS rows", t=tenant_id, m=month,
        )
    )  # fmt: skip


def _skip(change: Change, who: dict[str, Any]) -> None:
    facts = get_facts(who["now"])
    plan = facts.plan(who["recurrence"])
    assert change.first is not None
    [one] = plan.between(change.first, change.first)
    deciding.skip(**who, period=one.period.name, words="Not this time")


def _backfill(change: Change, who: dict[str, Any]) -> None:
    span: dict[str, Any] = {"first": change.first, "last": change.last}
    missed = deciding.preview(recurrence=who["recurrence"], now=who["now"], **span)
    deciding.backfill(**who, **span, periods=[one.planned.period.name for one in missed[::2]])


CHANGES: dict[str, Any] = {
    "pause": lambda change, who: keeping.pause(**who, first=change.first, last=change.last),
    "go_on": lambda _, who: keeping.go_on(**who),
    "end": lambda _, who: keeping.end_recurrence(**who),
    "skip": _skip,
    "backfill": _backfill,
}
