"""Two people at the same entry of the directory in the same moment, each with a connection of its
own: one of them is told, and nothing is there twice or half."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from app.config import Settings
from app.directory import queries
from app.directory.conflicts import AlreadyThere
from app.directory.data import PartyData
from app.directory.services import merging, parties
from app.factory import create_app
from app.finance.sales_invoices.services import correcting
from tenants.core.db import db
from tenants.core.errors import Conflict, CoulisseError, Invalid
from tests.factories import Stage, acting
from tests.factories.directory import make_party, siren_of
from tests.factories.people import now
from tests.factories.sales_invoices import make_invoice, set_up, validate, wish


@pytest.fixture
def at_once(stage: Any, world: Any) -> Any:
    """Runs these at the same time; answers what each came to, an error of ours in its place."""
    wide = create_app(replace(Settings.from_env(), pool_size=8))
    elsewhere = Stage(wide, stage.superuser)
    a = world.a

    def run(*works: Callable[[dict[str, Any]], Any]) -> list[Any]:
        together = Barrier(len(works))

        def one(work: Callable[[dict[str, Any]], Any]) -> Any:
            try:
                with acting(elsewhere, a.user.scope(a)):
                    db.session.connection()
                    together.wait(timeout=30)
                    return work({"actor": a.user.actor(a), "now": now()})
            except CoulisseError as error:
                return error

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(one, works))

    yield run
    with wide.app_context():
        db.engine.dispose()


def refused(found: list[Any], kind: type[Exception] = Conflict) -> int:
    assert all(isinstance(one, kind) for one in found if isinstance(one, Exception)), found
    return sum(isinstance(one, Exception) for one in found)


def test_the_same_number_is_given_once(at_once: Any, stage: Any, world: Any) -> None:
    def create(who: dict[str, Any]) -> Any:
        data = PartyData(name="Mill", siren=siren_of(3), reference="K1")
        return parties.create_party(data=data, **who).number

    found = at_once(*[create] * 6)
    assert refused(found, AlreadyThere) == 5
    [row] = stage.rows("SELECT number FROM parties WHERE tenant_id = :t", t=world.a.id)
    assert row.number == 1

    def find(who: dict[str, Any]) -> Any:
        data = PartyData(name="Other", siren=siren_of(4))
        return parties.find_or_create(data=data, **who)[0].id

    assert len(set(at_once(*[find] * 4))) == 1


def test_two_entries_are_not_changed_to_the_same_number(
    at_once: Any, stage: Any, world: Any
) -> None:
    rows = [make_party(stage, world.a, name=f"Mill {n}") for n in range(2)]

    def change(n: int) -> Callable[[dict[str, Any]], Any]:
        return lambda who: parties.update_party(
            party=rows[n], data=PartyData(name=f"Mill {n}", siren=siren_of(3)),
            expected_version=None, **who,
        )  # fmt: skip

    assert refused(at_once(change(0), change(1)), AlreadyThere) == 1


@pytest.mark.parametrize("pairs", [((0, 1), (0, 1)), ((0, 1), (1, 0)), ((0, 1), (2, 1)),
                                   ((0, 1), (1, 2))])  # fmt: skip
def test_two_merges_of_one_entry(
    at_once: Any, stage: Any, world: Any, pairs: tuple[tuple[int, int], ...]
) -> None:
    rows = [
        make_party(stage, world.a, name=f"Mill {n}", siren=siren_of(n), contact_name=f"Anne {n}")
        for n in range(3)
    ]

    def merge(kept: int, other: int) -> Callable[[dict[str, Any]], Any]:
        return lambda who: merging.merge(
            kept=rows[kept], other=rows[other],
            expected=(rows[kept].version, rows[other].version), **who,
        ).id  # fmt: skip

    found = at_once(*(merge(*one) for one in pairs))
    assert refused(found) == 1
    with acting(stage, world.a.user.scope()):
        # Each leads somewhere, and every contact hangs on what counts.
        for row in rows:
            assert queries.get_current_party(party_id=row.id).merged_into is None
        counted = [one.id for one in queries.list_parties(state="all").items]
        people = [one for parts in queries.load_parts(counted).values() for one in parts.contacts]
        assert len(people) == 3

    def undo(who: dict[str, Any]) -> Any:
        [done] = [(pair, one) for pair, one in zip(pairs, found, strict=True)
                  if not isinstance(one, Exception)]  # fmt: skip
        return merging.undo_merge(kept=rows[done[0][0]], merge_id=done[1], **who).id

    assert refused(at_once(undo, undo)) == 1


def test_a_merge_is_not_taken_back_over_a_number_that_was_given_away(
    stage: Any, world: Any
) -> None:
    kept, other = (
        make_party(stage, world.a, name="Mill", siren=siren_of(n), reference=f"K{n}")
        for n in range(2)
    )
    who: Any = {"actor": world.a.user.actor(world.a), "now": now()}
    with acting(stage, world.a.user.scope(world.a)):
        made = merging.merge(kept=kept, other=other, expected=(1, 1), **who).id
    make_party(stage, world.a, name="Third", siren=siren_of(1))
    with acting(stage, world.a.user.scope(world.a)), pytest.raises(AlreadyThere) as taken:
        merging.undo_merge(kept=kept, merge_id=made, **who)
    assert taken.value.params["name"] == "Third"


def test_two_final_invoices_of_one_deposit(at_once: Any, stage: Any, world: Any) -> None:
    a, operator = world.a, world.operator_a
    set_up(stage, a, operator)
    deposit = make_invoice(stage, a, operator, wish(a, type="386"))
    with acting(stage, operator.scope(a)):
        finals = [
            correcting.finish(deposit_id=deposit, actor=operator.actor(a), now=now()).id
            for _ in range(3)
        ]

    def final(invoice_id: Any) -> Callable[[dict[str, Any]], Any]:
        return lambda _: validate(stage, a, operator, invoice_id)

    found = at_once(*(final(one) for one in finals))
    assert refused(found, Invalid) == 2
    assert sorted(set(next(one for one in found if isinstance(one, Invalid)).field_errors)) == [
        "deposits"
    ]
    taken = stage.rows(
        "SELECT sequence FROM sales_invoices WHERE tenant_id = :t AND number <> '' ORDER BY 1",
        t=a.id,
    )
    assert [row.sequence for row in taken] == [1, 2]
    assert stage.value(
        "SELECT count(*) FROM sales_invoice_deductions WHERE tenant_id = :t", t=a.id
    ) == 1  # fmt: skip
