"""Decisions of several people, or very many of one, teach the same rules and lose no count."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.finance.queries import get_match
from app.finance.rule_queries import list_active_rules
from app.finance.services import deciding
from tests.finance.test_learning import Work, bank, items_file

# More values than one statement may carry.
PAYERS = 8_200


def proposed(stage: Any, world: Any, number: int) -> Work:
    work = Work(
        stage, world.a, world.operator_a, items_file((f"X-{number}", "Vert", "400,00")),
        bank(("400.00", "Holding Nord", "", f"X-{number}"), ident=f"S{number}"),
    )  # fmt: skip
    assert [row.state for row in work.live()] == ["proposed"]
    return work


def confirm(work: Work) -> None:
    with work.acting() as (who, control):
        deciding.confirm_match(**who, match=get_match(control=control, match_id=work.live()[0].id))


def counted(stage: Any, world: Any) -> list[tuple[str, int, int]]:
    """Kind of each rule, what it counts, and what its requests counted."""
    return [
        tuple(row)
        for row in stage.rows(
            "SELECT kind, confirmed - undone, (SELECT sum(s.confirmed - s.undone)"
            " FROM payment_rule_sources s WHERE s.tenant_id = r.tenant_id AND s.rule_id = r.id)"
            " FROM payment_rules r WHERE tenant_id = :t ORDER BY 1", t=world.a.id,
        )
    ]  # fmt: skip


def until_somebody_waits(stage: Any) -> None:
    end = time.monotonic() + 20
    while not stage.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock'"
    ):
        assert time.monotonic() < end


def test_two_requests_teach_the_same_for_the_first_time(stage: Any, world: Any) -> None:
    works = [proposed(stage, world, number) for number in (1001, 2001)]
    with ThreadPoolExecutor(1) as other:
        with works[0].acting() as (who, control):
            match = get_match(control=control, match_id=works[0].live()[0].id)
            deciding.confirm_match(**who, match=match)
            waiting = other.submit(confirm, works[1])
            until_somebody_waits(stage)
        waiting.result(timeout=20)
    assert counted(stage, world) == [("payer_name", 2, 2)]


def test_what_another_request_taught_meanwhile_is_counted_on(stage: Any, world: Any) -> None:
    works = [proposed(stage, world, number) for number in (1001, 2001, 3001)]
    confirm(works[0])
    for decide in (deciding.confirm_match, deciding.undo_match):
        with works[1].acting() as (who, control):
            known = list_active_rules()
            match = get_match(control=control, match_id=works[1].live()[0].id)
            if decide is deciding.confirm_match:
                with ThreadPoolExecutor(1) as other:
                    other.submit(confirm, works[2]).result(timeout=20)
            decide(**who, match=match)
            assert known
    assert counted(stage, world) == [("payer_name", 2, 2)]


def test_thousands_of_payers_are_counted_in_one_click(
    stage: Any, world: Any, count_statements: Any
) -> None:
    confirm(proposed(stage, world, 1001))
    work = proposed(stage, world, 2001)
    line = (
        "(SELECT s.id FROM statement_lines s WHERE s.tenant_id = x.tenant_id"
        " AND s.control_id = x.control_id AND s.statement = 1 AND s.position = n + 1)"
    )
    one, mark = "'1' || lpad(n::text, 5, '0')", "'Payer ' || "
    copies = {
        "statement_lines": f"'name', {mark}{one}, 'fingerprint', {one}, 'position', n + 1",
        "matches": f"'line_id', {line}",
        "payment_rules": f"'evidence', {one} || ' PAYER', 'confirmed', 0",
    }
    for table, more in copies.items():
        where = "" if table == "payment_rules" else " AND control_id = :c"
        stage.run(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(x, jsonb_build_object("
            f"'id', uuidv7(), {more}))).* FROM {table} x, generate_series(1, {PAYERS}) n"
            f" WHERE x.tenant_id = :t{where}",
            t=world.a.id, c=work.live()[0].control_id,
        )  # fmt: skip
        # as the server would have done by itself a minute later
        stage.run(f"ANALYZE {table}")
    with work.acting() as (who, control), count_statements() as found:
        assert deciding.confirm_all(**who, control=control, at_least=0) == PAYERS + 1
    assert len(found) < 40
    rules = [(own, summed) for _kind, own, summed in counted(stage, world)]
    assert sorted(set(rules)) == [(1, 1), (2, 2)]
    assert len(rules) == PAYERS + 1
