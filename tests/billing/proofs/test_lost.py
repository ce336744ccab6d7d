"""Of every verb: Stripe did it and its answer was lost. A repeat within the day finds what was made;
after a day, when Stripe has forgotten the key, Stripe is asked first, and what it has is not made
again."""

from __future__ import annotations

from typing import Any

import pytest

from billing import effects
from billing.gateway import StripeUnavailable
from billing.prices.effects import CHANGE
from tenants import outbox
from tenants.core.ids import uuid7
from tests.billing.flow.house import Flow
from tests.factories import Company, World


class Outside:
    """Does a thing once for a key, as Stripe does within a day; the first answers are lost."""

    def __init__(self, lost: int) -> None:
        self.lost, self.keys, self.done = lost, list[str](), 0

    def __call__(self, _gateway: Any, _params: Any, key: str) -> str:
        if key not in self.keys:
            self.done += 1
        self.keys.append(key)
        if len(self.keys) <= self.lost:
            raise StripeUnavailable("the answer was lost")
        return "made"

    def forget(self) -> None:
        self.keys.clear()


@pytest.fixture
def alone(flow: Flow, world: World, monkeypatch: pytest.MonkeyPatch) -> Company:
    """What would follow from an answer has tests of its own."""
    monkeypatch.setattr(effects, "SETTLED", {})
    monkeypatch.setattr(effects, "REFUSED", {})
    return world.a


def promise(flow: Flow, company: Company, verb: str) -> Any:
    with flow.acting(company):
        return outbox.send(
            kind="stripe", verb=verb, dedupe_key=f"proof:{uuid7()}", params={}, queue="billing"
        )


def outcome(flow: Flow, effect: Any) -> tuple[str, str]:
    [row] = flow.stage.rows("SELECT state, error FROM outbox WHERE id = :i", i=effect)
    return row.state, row.error


def test_lost_answers_of_every_verb(
    flow: Flow, alone: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CHANGE in effects.PERFORMED
    for verb in effects.PERFORMED:
        soon, late = Outside(lost=2), Outside(lost=9)
        monkeypatch.setattr(effects, "PERFORMED", {verb: soon})
        effect = promise(flow, alone, verb)
        for _ in range(3):
            flow.work(alone, fails=True)
        assert (outcome(flow, effect), soon.done) == (("done", ""), 1), verb
        assert len(set(soon.keys)) == 1, verb

        monkeypatch.setattr(effects, "PERFORMED", {verb: late})
        effect = promise(flow, alone, verb)
        flow.work(alone, fails=True)
        flow.stage.run(
            "UPDATE outbox SET first_attempt_at = first_attempt_at - interval '25 hours'"
            " WHERE id = :i", i=effect,
        )  # fmt: skip
        late.forget()
        monkeypatch.setattr(effects, "find_effect", lambda **_: "made")
        flow.work(alone, fails=True)
        assert (outcome(flow, effect), late.done, late.keys) == (("done", ""), 1, []), verb
