"""The day from which a late payment counts: set once for an episode, whatever Stripe tries, whatever
part is paid and however many invoices follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing.access.rules import Access, Facts, Policy, derive

BEGAN = datetime(2027, 1, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = st.sampled_from(["retry", "part", "invoice", "older", "all", "nothing", "outage"])


@dataclass
class Account:
    """Counted here by hand: when the oldest unpaid invoice of this episode was due."""

    due: list[datetime]
    anchor: datetime | None
    status: str = "past_due"
    heard: datetime = BEGAN

    def happen(self, word: str, now: datetime) -> None:
        if word == "invoice":
            self.due.append(now)
            self.anchor = self.anchor or now
            self.status = "past_due"
        elif word == "older" and len(self.due) > 1:
            self.due.pop(0)
        elif word == "all":
            self.due.clear()
            self.anchor, self.status = None, "active"
        if word != "outage":
            self.heard = now


@given(st.lists(st.tuples(WORDS, st.integers(1, 60)), max_size=60))
def test_nothing_but_the_whole_payment_moves_the_anchor(
    happenings: list[tuple[str, int]],
) -> None:
    account, now = Account([BEGAN], BEGAN), BEGAN + HOUR
    access = Access("active", "paid", new_work=True)
    told: set[tuple[datetime, int]] = set()
    for word, hours in happenings:
        now += hours * HOUR
        account.happen(word, now)
        facts = Facts(
            before=access.state, status=account.status, synced_at=account.heard,
            due=tuple(account.due), grace_since=access.grace_since, new_work=access.new_work,
        )  # fmt: skip
        before, access = access, derive(facts, Policy(), now)
        if now - account.heard > 2 * DAY:
            assert access.state == before.state, "our own outage decides nothing"
            assert access.grace_since == before.grace_since
            continue
        assert access.grace_since == account.anchor
        if account.anchor is None:
            assert (access.state, access.new_work) == ("active", True)
            continue
        age = now - account.anchor
        assert access.state == ("suspended" if age >= 14 * DAY else "grace")
        assert access.new_work is (age < 7 * DAY)
        if access.mail_day is not None:
            assert timedelta(days=access.mail_day) <= age
            told.add((account.anchor, access.mail_day))
    assert all(day in (0, 3, 7, 12) for _, day in told)
