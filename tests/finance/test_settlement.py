"""Differences that settle an item, and sums of several: what is proposed and what is left open."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.finance.matching import Item, Learned, Line, match
from app.finance.matching.subsets import Sums
from app.finance.reconciliation import ItemPosition, LinePosition, reconcile
from app.finance.references import ReferenceIndex
from app.finance.settlement import (
    Difference,
    Tolerance,
    default_tolerance,
    explain_difference,
    shared_discount,
)
from app.finance.wording import render_reason
from tests.effort import effort
from tests.finance.test_matching import DAY, IBAN, item, line, told

LATER = DAY + timedelta(30)
ZERO = (0, 0)


def owed(*amounts: int, **more: object) -> list[Item]:
    given: dict[str, object] = {"iban": IBAN, "customer": "Atelier Vert"}
    return [
        item(f"i{n}", f"F-10{n}", amount, due_on=DAY + timedelta(n), **(given | more))
        for n, amount in enumerate(amounts)
    ]


def differences(found: object) -> list[tuple[str, int, int, str]]:
    return [
        (p.item_id, p.amount, p.difference, p.difference_kind)
        for p in found.proposals  # type: ignore[attr-defined]
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("F-0007/0008", [7, 8]),
        ("F-0007/08/09", [7, 8, 9]),
        ("F-0007 bis F-0010", [7, 8, 9, 10]),
        ("F-0007 à 0009", [7, 8, 9]),
        ("F-0007 - F-0009", [7, 8, 9]),
        ("F 0011, 0012 u. 0015", [11, 12, 15]),
        ("Factures F-0003, 0004 et 0007 merci", [3, 4, 7]),
        ("F-0007, 12 rue des Fleurs", [7]),
        ("F-0007/0099", []),
        ("F-0007-0008", []),
        ("F-0007 bis zum 12. Mai", [7]),
    ],
)
def test_lists_of_numbers(text: str, named: list[int]) -> None:
    index = ReferenceIndex({f"{n:02d}": f"F-{n:04d}" for n in range(1, 20)})
    assert index.find([text]) == [(f"{n:02d}",) for n in named]


def test_the_one_set_that_adds_up_is_proposed() -> None:
    found = match(owed(700, 500, 900), [line("l", 1200, iban=IBAN)])
    assert told(found) == [("l", "i0", 700, "sum_iban", 86), ("l", "i1", 500, "sum_iban", 86)]
    text = render_reason(found.proposals[0].explanation, str, "en")
    assert "F-100, F-101 together make exactly 12.00\u00a0EUR" in text


def test_by_name_too_but_less_sure() -> None:
    found = match(owed(700, 500, iban=""), [line("l", 1200, name="ATELIER VERT")])
    assert [p.rule for p in found.proposals] == ["sum_name"] * 2
    assert all(p.confidence < 70 for p in found.proposals)


def test_two_sets_that_add_up_wait_for_the_operator() -> None:
    found = match(owed(700, 500, 900, 300), [line("l", 1200, iban=IBAN)])
    assert not found.proposals
    [doubt] = found.ambiguities
    assert doubt.item_ids == ("i0", "i1"), "the oldest that fit"
    assert "in several ways" in render_reason(doubt.explanation, str, "en")


def test_two_payments_that_want_the_same_invoice_wait() -> None:
    lines = [line("l", 1200, iban=IBAN), line("m", 1400, iban=IBAN)]
    found = match(owed(700, 500, 7_00_00, 900), lines)
    assert {a.line_id for a in found.ambiguities} == {"l", "m"}
    assert not found.proposals


def test_too_many_open_items_are_not_guessed() -> None:
    found = match(owed(*range(1000, 1025)), [line("l", 1000 + 1001 + 1002, iban=IBAN)])
    assert not found.proposals
    assert "too many" in render_reason(found.ambiguities[0].explanation, str, "en")


def test_a_credit_note_is_netted() -> None:
    items = [*owed(1000, 300), item("c", "A-77", -200, iban=IBAN, customer="Atelier Vert")]
    found = match(items, [line("l", 800, iban=IBAN)])
    assert {(p.item_id, p.amount, p.netted) for p in found.proposals} == {
        ("i0", 1000, True), ("c", -200, True),
    }  # fmt: skip
    named = match(items, [line("l", 800, "F-100 abzgl. A-77")])
    assert {(p.item_id, p.amount) for p in named.proposals} == {("i0", 1000), ("c", -200)}


@pytest.mark.parametrize(
    ("paid", "told_as"),
    [
        (800, [("i0", 1000, "reference_settled"), ("c", -200, "reference_settled")]),
        (500, [("i0", 700, "reference_part"), ("c", -200, "reference_settled")]),
        (900, [("i0", 1000, "reference_settled"), ("i1", 100, "reference_part"),
               ("c", -200, "reference_settled")]),
        # More than the invoices can take: the credit note waits for the operator.
        (1200, [("i0", 1000, "reference_settled"), ("i1", 200, "reference_part")]),
        (-200, [("c", -200, "reference_amount")]),
        (-150, [("c", -150, "reference_part")]),
    ],
)  # fmt: skip
def test_a_part_payment_less_a_credit_note(paid: int, told_as: list[tuple[str, int, str]]) -> None:
    items = [*owed(1000, 300), item("c", "A-77", -200, iban=IBAN, customer="Atelier Vert")]
    found = match(items, [line("l", paid, "F-100, F-101 abzgl. A-77")])
    assert sorted((p.item_id, p.amount, p.explanation.code) for p in found.proposals) == sorted(
        told_as
    )
    grouped = len({amount > 0 for _, amount, _ in told_as}) > 1
    assert {p.netted for p in found.proposals} == {grouped}


def test_instalments_without_a_word() -> None:
    lines = [line(n, 400, iban=IBAN, booked_on=DAY) for n in ("a", "b", "c")]
    found = match(owed(1200), lines)
    assert [(p.line_id, p.amount, p.rule) for p in found.proposals] == [
        (n, 400, "instalments") for n in ("a", "b", "c")
    ]


@pytest.mark.parametrize(
    ("paid", "charges", "days", "expected"),
    [
        (99_960, 0, 30, Difference("small_difference", 40)),
        (100_040, 0, 30, Difference("small_difference", -40)),
        (99_940, 0, 30, None),
        (98_500, 1_500, 30, Difference("bank_charge", 1_500)),
        (98_500, 1_400, 30, None),
        (98_000, 0, 10, Difference("cash_discount", 2_000, 200)),
        (97_000, 0, 14, Difference("cash_discount", 3_000, 300)),
        (98_000, 0, 15, None),
        (98_700, 0, 10, None),
        (96_000, 0, 10, None),
    ],
)
def test_why_a_payment_settles_an_invoice(
    paid: int, charges: int, days: int, expected: Difference | None
) -> None:
    found = explain_difference(
        whole=100_000, paid=paid, charges=charges, issued_on=DAY,
        booked_on=DAY + timedelta(days), tolerance=default_tolerance("EUR"),
    )  # fmt: skip
    assert found == expected


def test_both_limits_of_the_tolerance_hold() -> None:
    assert default_tolerance("EUR").of(2_000) == 10
    assert default_tolerance("EUR").of(1_000_000) == 50
    assert default_tolerance("JPY").of(1_000_000) == 0
    assert default_tolerance("KWD").of(1_000_000) == 500


@pytest.mark.parametrize(("more", "rule"), [
    ({"texts": ("F-100",)}, "reference_difference"),
    ({"iban": IBAN}, "difference_iban"),
    ({"name": "Atelier Vert"}, "difference_name"),
])  # fmt: skip
def test_a_difference_is_proposed_and_told(more: dict[str, object], rule: str) -> None:
    paid = line("l", 98_000, **more, booked_on=DAY + timedelta(9))  # type: ignore[arg-type]
    found = match(owed(100_000, issued_on=DAY), [paid])
    assert [p.rule for p in found.proposals] == [rule]
    assert differences(found) == [("i0", 98_000, 2_000, "cash_discount")]
    assert "2\u00a0% cash discount" in render_reason(found.proposals[0].explanation, str, "de")


def test_a_difference_that_two_invoices_explain_is_left_open() -> None:
    assert not match(owed(100_000, 100_010), [line("l", 99_980, iban=IBAN)]).proposals


def test_one_discount_over_several_invoices() -> None:
    assert shared_discount([10_000, 33_333], 42_466) == (200, [200, 667])
    found = match(
        owed(10_000, 33_333, issued_on=DAY), [line("l", 42_466, "F-100, F-101", booked_on=DAY)]
    )
    assert differences(found) == [
        ("i0", 9_800, 200, "cash_discount"), ("i1", 32_666, 667, "cash_discount"),
    ]  # fmt: skip


def test_a_learned_payer() -> None:
    known = Learned("r", "Atelier Vert", True, "FR76…0189", "7, 9", 3, "Odile")
    lines = [line("l", 700, learned=(known,), name="Holding X"),
             line("m", 1400, learned=(known,), name="Holding X")]  # fmt: skip
    found = match(owed(700, 500, 900, iban=""), lines)
    assert {(p.line_id, p.rule, p.learned_rule) for p in found.proposals} == {
        ("l", "amount_learned", "r"), ("m", "sum_learned", "r"),
    }  # fmt: skip
    text = render_reason(found.proposals[0].explanation, str, "en")
    assert "FR76…0189 paid for Atelier Vert in request 7, 9 (3×, by Odile)" in text


AMOUNTS = st.integers(-30, 60).filter(bool)
WIDE: Mapping[str, Tolerance] = {
    "EUR": Tolerance(3, 3_000), "CHF": Tolerance(2, 2_000),
}  # fmt: skip


@st.composite
def payments(draw: st.DrawFn) -> tuple[list[Item], list[Line]]:
    currencies, ibans = st.sampled_from(["EUR", "CHF"]), st.sampled_from(["", IBAN, "DE1", "DE2"])
    items = [
        item(
            f"i{n}", f"F-10{n}", draw(AMOUNTS), iban=draw(ibans), currency=draw(currencies),
            customer=draw(st.sampled_from(["Vert", "Nord AG", "Dupont"])),
            due_on=DAY + timedelta(draw(st.integers(0, 3))),
        )
        for n in range(draw(st.integers(0, 9)))
    ]  # fmt: skip
    lines = [
        line(
            f"l{n}", draw(AMOUNTS), draw(st.sampled_from(["", "F-100, F-101", "F-102 bis F-104"])),
            iban=draw(ibans), currency=draw(currencies), charges=draw(st.integers(0, 3)),
            name=draw(st.sampled_from(["", "Vert", "Dupont"])), booked_on=DAY + timedelta(3),
        )
        for n in range(draw(st.integers(0, 9)))
    ]  # fmt: skip
    return items, lines


@given(payments())
@settings(max_examples=effort(300))
def test_paid_and_differences_and_open_make_the_opening(
    case: tuple[list[Item], list[Line]],
) -> None:
    items, lines = case
    found = match(items, lines, WIDE)
    paid: dict[str, int] = defaultdict(int)
    used: dict[str, int] = defaultdict(int)
    waived: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for p in found.proposals:
        paid[p.item_id] += p.amount
        used[p.line_id] += p.amount
        if p.difference:
            count, amount = waived[p.item_id].get(p.difference_kind, ZERO)
            waived[p.item_id][p.difference_kind] = (count + 1, amount + p.difference)
        assert render_reason(p.explanation, str, "fr")
    # reconcile() itself raises where anything is settled twice or beyond what is there.
    result = reconcile(
        items_in=len(items),
        items=[ItemPosition(i.currency, i.open_amount, paid[i.id], waived[i.id]) for i in items],
        items_rejected=0,
        lines_in=len(lines),
        lines=[LinePosition(n.currency, n.amount, used[n.id]) for n in lines],
        lines_rejected=0,
    )
    for totals in result.totals.values():
        assert totals.settled + totals.waived + totals.outstanding == totals.items


@given(st.lists(AMOUNTS, max_size=9), st.integers(-60, 120))
def test_sums_find_what_trying_all_finds(amounts: list[int], target: int) -> None:
    found = Sums(amounts).making(target)
    for places in found:
        assert sum(amounts[n] for n in places) == target
        assert len(places) >= 2
    fitting = [
        mask for mask in range(1 << len(amounts))
        if sum(a for n, a in enumerate(amounts) if mask >> n & 1) == target
        and mask.bit_count() >= 2 and (mask.bit_count() <= 6 or mask.bit_count() == len(amounts))
    ]  # fmt: skip
    least = [m for m in fitting if not any(o != m and o & m == o for o in fitting)]
    if len(fitting) <= 64:
        assert len(found) == len(least)
    else:
        assert found


def test_the_days_of_a_discount_count_from_the_invoice() -> None:
    assert not match(
        owed(100_000, issued_on=DAY), [line("l", 98_000, iban=IBAN, booked_on=LATER)]
    ).proposals
    assert date(2026, 10, 1) == LATER
