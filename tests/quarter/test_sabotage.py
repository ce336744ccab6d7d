"""The ledger bites: two weeks of a product that is broken on purpose, in every way at once, and each
of them is seen."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from app.mail_in.reading.authentication import Findings
from app.mail_in.services import receiving
from app.service_requests.assignment import queries, rules
from app.service_requests.checking.drawing import Rate
from app.service_requests.checking.services import draws
from app.service_requests.recurring import making
from app.service_requests.recurring.services import raising
from app.service_requests.services import standing_in
from tenants.queries import list_grants
from tests.quarter.drawing import SMALL
from tests.quarter.reckoning import reckon


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    raise_for, find_due = making.raise_for, raising.find_due

    def twice(*given: Any, **more: Any) -> Any:
        raise_for(*given, **more)
        return raise_for(*given, **more)

    def not_all(row: Any, *given: Any) -> Any:
        return [] if row.title.endswith("R0 of 0") else find_due(row, *given)

    changes: list[tuple[object, str, Callable[..., Any]]] = [
        (raising, "raise_for", twice), (making, "find_same_work", lambda **_: None),
        (raising, "find_due", not_all),
        (standing_in, "_while_away", lambda *_, **__: None),
        (rules, "obstacle_of", lambda *_: ""),
        (queries, "list_grants", lambda live_at: list_grants()),
        (Findings, "proves", lambda *_: True),
        (receiving, "fingerprint", lambda _: secrets.token_hex(32)),
        (draws, "rate_of", lambda *_, **__: Rate(20, "kind")),
    ]  # fmt: skip
    for where, name, instead in changes:
        monkeypatch.setattr(where, name, instead)


@pytest.mark.usefixtures("broken")
def test_what_is_broken_is_seen(played):
    found = reckon(played(3, SMALL))
    said = "\n".join(f"{one.kind}: {one.words}" for one in found)
    for words in (
        "raised 2 times", "missed", "who is away until", "has no access", "unproven: ",
        "kept 2 times", "expected (100, 'always')",
    ):  # fmt: skip
        assert words in said, f"nobody saw: {words}\n{said}"
