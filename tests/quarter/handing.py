"""Notes that people leave before they are away, and what becomes of them: accepted, declined, left
lying until a supervisor says who does it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.service_requests.handover.queries import list_items
from app.service_requests.handover.services import answering, writing
from tests.quarter.days import DAY
from tests.quarter.hands import TO_DO
from tests.quarter.office import Office
from tests.quarter.script import Absence

ITEMS = """
SELECT i.id, i.tenant_id, i.line, i.substitute_id, n.user_id, n.absence_id, r.number
FROM handover_items i JOIN handover_notes n ON n.tenant_id = i.tenant_id AND n.id = i.note_id
JOIN requests r ON r.tenant_id = i.tenant_id AND r.id = i.request_id
JOIN absences a ON a.id = n.absence_id
WHERE {} AND r.assignee_id = n.user_id AND r.state = ANY (:todo) AND a.ends_at > :now
ORDER BY i.tenant_id, r.number
"""


@dataclass
class Handing:
    office: Office
    counted: dict[str, int] = field(default_factory=dict)
    _answered: set[UUID] = field(default_factory=set)

    def write(self, now: datetime) -> None:
        """On the day before, about half of those who know of it."""
        script = self.office.script
        for absence in script.absences:
            known = absence.entered < absence.first and absence.first - DAY == now.date()
            there = not script.away(absence.hand, now) and not script.gone(absence.hand, now)
            if known and there and random.Random(str(absence)).random() < 0.6:
                for firm in self.office.companies:
                    self._note(absence, firm, now)

    def _note(self, absence: Absence, firm: int, now: datetime) -> None:
        actor = self.office.actor(absence.hand, firm, now)
        if not actor.lines:
            return
        who: dict[str, Any] = {
            "absence_id": self.office.absences[absence], "user_id": actor.user_id, "actor": actor,
            "now": now,
        }  # fmt: skip
        with self.office.acting(firm):
            note = writing.begin(**who)
            if note is None:
                return
            lines = [writing.Line(one.id, one.substitute_id, one.words)
                     for one in list_items(note_id=note.id)]  # fmt: skip
            writing.keep(**who, words="As we said", lines=lines)
            writing.send(**who)
            self._count("sent", len(lines))

    def answer(self, now: datetime) -> None:
        """Who is asked says yes, no, or nothing; supervisors find somebody for what nobody took."""
        for row in self._rows("i.state = 'sent' AND i.raised_at IS NULL", now):
            self._reply(row, now)
        for row in self._rows("i.raised_at IS NOT NULL", now):
            self._give(row, now)

    def _reply(self, row: Any, now: datetime) -> None:
        firm, hand = self._firm(row), self.office.person(row.substitute_id)
        if row.id in self._answered or self.office.script.away(hand, now):
            return
        self._answered.add(row.id)
        actor = self.office.actor(hand, firm, now)
        dice = random.Random(f"{firm}-{row.number}-{now}").random()
        if row.line not in actor.lines or dice < 0.2:
            return
        with self.office.acting(firm):
            if dice < 0.75:
                answering.accept(item_id=row.id, actor=actor, now=now)
                self._count("accepted")
            else:
                answering.decline(item_id=row.id, reason="Too much", actor=actor, now=now)
                self._count("declined")

    def _give(self, row: Any, now: datetime) -> None:
        firm, script = self._firm(row), self.office.script
        boss, other = (one.place for one in script.hands if one.role == "supervisor")
        with self.office.acting(firm):
            answering.give_to(
                item_id=row.id, user_id=self.office.staff[other].id, now=now,
                actor=self.office.actor(boss, firm, now),
            )  # fmt: skip
            self._count("given")

    def _rows(self, which: str, now: datetime) -> list[Any]:
        firms = {one.id for one in self.office.companies.values()}
        found = self.office.stage.rows(ITEMS.format(which), now=now, todo=list(TO_DO))
        return [row for row in found if row.tenant_id in firms]

    def _firm(self, row: Any) -> int:
        return next(
            place for place, one in self.office.companies.items() if one.id == row.tenant_id
        )

    def _count(self, what: str, many: int = 1) -> None:
        self.counted[what] = self.counted.get(what, 0) + many
