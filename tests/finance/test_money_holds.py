"""Whatever is confirmed, undone, refused or matched by hand: paid, differences and open make the
opening, and the figures agree after every act."""

from __future__ import annotations

import random
from typing import Any

import pytest

from app.finance.models import Match
from app.finance.queries import allocated, get_item, get_line, get_match, list_live_matches
from app.finance.services import deciding
from app.finance.services.by_hand import Part
from app.finance.services.reporting import current_counts
from app.finance.settlement import KINDS
from tenants.core.errors import Conflict
from tests.finance.test_learning import IBAN, Work, bank, items_file

AMOUNTS = ("100,00", "200,00", "-50,00", "75,50", "300,00", "99,90", "12,00", "-12,00")
PAID = ("300.00", "98.00", "74.50", "375.50", "62.00", "200.30", "-50.00", "12.00", "1.10")


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_the_money_is_all_there(stage: Any, world: Any, seed: int) -> None:
    chance = random.Random(seed)
    work = Work(
        stage, world.a, world.operator_a,
        items_file(*((f"X-{1000 + n}", chance.choice(("Vert", "Bleu")), amount)
                     for n, amount in enumerate(AMOUNTS))),
        bank(*((amount, chance.choice(("Vert", "Bleu", "")), chance.choice(("", IBAN)),
                chance.choice(("", "X-1000", "X-1001 X-1002"))) for amount in PAID),
             ident=f"P{seed}"),
    )  # fmt: skip
    lines, items = work.rows("statement_lines"), work.rows("open_items")
    with work.acting() as (who, control):
        for _ in range(60):
            try:
                _act(chance, who, control, chance.choice(lines).id, chance.sample(items, 3))
            except Conflict:
                continue
            _all_there(control, lines, items)


def _act(chance: random.Random, who: Any, control: Any, line_id: Any, items: list[Any]) -> None:
    line = get_line(control=control, line_id=line_id)
    live = list_live_matches(control=control)
    what = chance.choice(("confirm", "undo", "refuse", "again", "hand", "hand"))
    if what == "hand":
        parts = [
            Part(
                get_item(control=control, item_id=item.id),
                chance.choice((None, None, item.open_amount, item.open_amount // 3)),
            )
            for item in items[: chance.randint(1, 3)]
        ]
        kind = chance.choice(("", "", *KINDS))
        deciding.match_several(**who, control=control, line=line, parts=parts, difference_kind=kind)
    elif what == "again":
        deciding.propose_again(**who, line=line)
    elif live:
        match = get_match(control=control, match_id=chance.choice(live).id)
        verbs = {"confirm": deciding.confirm_match, "undo": deciding.undo_match,
                 "refuse": deciding.refuse_difference}  # fmt: skip
        verbs[what](**who, match=match)


def _all_there(control: Any, lines: list[Any], items: list[Any]) -> None:
    # Raises where confirmed matches don't add up.
    counts = current_counts(control=control)
    for totals in counts.totals.values():
        assert totals.settled + totals.waived + totals.outstanding == totals.items
        assert totals.used == totals.settled
    for item in items:
        settled = allocated(control=control, by=Match.item_id, key=item.id)
        assert abs(settled) <= abs(item.open_amount)
        assert settled == 0 or (settled > 0) == (item.open_amount > 0)
    for line in lines:
        used = allocated(control=control, by=Match.line_id, key=line.id)
        assert abs(used) <= abs(line.amount)
        assert used == 0 or (used > 0) == (line.amount > 0)
