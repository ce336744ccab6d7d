"""A merge is no way around the call-back: nobody is paid to an account that one person alone brought."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from app.directory import queries, showing
from app.directory.services import accounts, merging
from tenants.core.errors import Conflict, Forbidden
from tests.factories import acting, make_member
from tests.factories.directory import FRENCH, GERMAN, make_party
from tests.factories.people import now

THIRD = "FR1420041010050500013M02606"
CALL: dict[str, Any] = {"called_number": "+33 4 50 00 00 00", "called_person": "Anne"}


@dataclass
class Books:
    stage: Any
    company: Any
    second: Any
    third: Any

    @contextmanager
    def as_person(self, person: Any = None) -> Any:
        who = person or self.company.user
        with acting(self.stage, who.scope(self.company)):
            yield {"actor": who.actor(self.company), "now": now()}

    def merge(self, kept: Any, other: Any, person: Any = None) -> Any:
        with self.as_person(person) as who:
            rows = [queries.get_party(party_id=one.id) for one in (kept, other)]
            return merging.merge(
                kept=rows[0], other=rows[1], expected=(rows[0].version, rows[1].version), **who
            ).id

    def undo(self, kept: Any, merge_id: Any) -> None:
        with self.as_person() as who:
            merging.undo_merge(kept=kept, merge_id=merge_id, **who)

    def enter(self, party: Any, iban: str) -> Any:
        with self.as_person() as who:
            return accounts.add_account(party=party, iban=iban, source="letter", **who).id

    def release(self, party: Any, account_id: Any, person: Any) -> None:
        with self.as_person(person) as who:
            row = queries.get_account(party_id=party.id, account_id=account_id)
            accounts.release_account(party=party, account=row, **CALL, **who)

    def paid_to(self, party: Any) -> str:
        with self.as_person():
            return showing.get_card(party_id=party.id, with_account=True).iban

    def states(self, party: Any) -> dict[str, str]:
        with self.as_person():
            found = queries.load_parts([party.id])[party.id].accounts
            return {row.iban_shown[-4:]: row.state for row in found}

    def account(self, party: Any, iban: str) -> Any:
        with self.as_person():
            found = queries.load_parts([party.id])[party.id].accounts
            return next(row.id for row in found if row.iban_shown.endswith(iban[-4:]))


@pytest.fixture
def books(stage: Any, world: Any) -> Books:
    people = [
        make_member(stage, world.a, role="client_admin", key=key, lines=("finance",))
        for key in ("second", "third")
    ]
    return Books(stage, world.a, *people)


def supplier(books: Books, name: str, iban: str = "") -> Any:
    return make_party(books.stage, books.company, name=name, supplier=True, iban=iban)


def released(books: Books, name: str, iban: str) -> Any:
    party = supplier(books, name)
    books.release(party, books.enter(party, iban), books.second)
    return party


@pytest.mark.parametrize("known", [supplier, released])
def test_an_account_that_a_merge_brings_waits(books: Books, known: Any) -> None:
    mill = known(books, "Mill", FRENCH)
    fresh = supplier(books, "Mill bis", GERMAN)
    merge = books.merge(mill, fresh)
    assert books.paid_to(mill) == books.paid_to(fresh) == FRENCH
    assert books.states(mill) == {FRENCH[-4:]: "active", GERMAN[-4:]: "quarantined"}
    waiting = books.account(mill, GERMAN)
    with pytest.raises(Forbidden):
        books.release(mill, waiting, books.company.user)
    books.undo(mill, merge)
    assert (books.paid_to(mill), books.paid_to(fresh)) == (FRENCH, GERMAN)
    books.release(mill, (books.merge(mill, fresh), books.account(mill, GERMAN))[1], books.third)
    assert books.paid_to(mill) == GERMAN


@pytest.mark.parametrize("known", [supplier, released])
def test_nor_does_it_help_to_keep_the_new_entry(books: Books, known: Any) -> None:
    mill = known(books, "Mill", FRENCH)
    fresh = supplier(books, "Mill bis", GERMAN)
    merge = books.merge(fresh, mill)
    assert books.paid_to(mill) == ""
    assert set(books.states(fresh).values()) == {"quarantined"}
    books.undo(fresh, merge)
    assert (books.paid_to(mill), books.paid_to(fresh)) == (FRENCH, GERMAN)


@pytest.mark.parametrize("kept", [0, 1])
def test_an_entry_without_an_account_gets_none_by_a_merge_alone(books: Books, kept: int) -> None:
    pair = supplier(books, "Mill"), supplier(books, "Mill bis", GERMAN)
    books.merge(pair[kept], pair[1 - kept])
    assert books.paid_to(pair[0]) == ""
    assert books.states(pair[kept]) == {GERMAN[-4:]: "quarantined"}


@pytest.mark.parametrize("kept", [0, 1])
def test_what_was_there_first_or_was_called_back_goes_on(books: Books, kept: int) -> None:
    """A later entry without an account takes nothing away."""
    for known in (supplier(books, "Mill", FRENCH), released(books, "Bakery", GERMAN)):
        iban = books.paid_to(known)
        pair = known, supplier(books, "Typed twice")
        books.merge(pair[kept], pair[1 - kept])
        assert books.paid_to(pair[kept]) == iban


def test_the_same_account_on_both_sides_stays(books: Books) -> None:
    mill, fresh = (supplier(books, name, FRENCH) for name in ("Mill", "Mill bis"))
    books.merge(mill, fresh)
    assert books.paid_to(mill) == books.paid_to(fresh) == FRENCH


def test_who_merges_somebody_else_s_entry_releases_nothing(books: Books) -> None:
    """The one who entered it and the one who merged it are the first person together."""
    mill, other = released(books, "Mill", FRENCH), supplier(books, "Other")
    waiting = books.enter(other, GERMAN)
    books.merge(mill, other, books.third)
    for person in (books.company.user, books.third):
        with pytest.raises(Forbidden):
            books.release(mill, waiting, person)
    books.release(mill, waiting, books.second)
    assert books.paid_to(mill) == GERMAN


def test_after_a_decision_on_an_account_a_merge_is_not_taken_back(books: Books) -> None:
    """Else what somebody refused would be in use again."""
    mill, fresh = supplier(books, "Mill", FRENCH), supplier(books, "Mill bis", GERMAN)
    merge = books.merge(mill, fresh)
    with books.as_person(books.second) as who:
        row = queries.get_account(party_id=mill.id, account_id=books.account(mill, GERMAN))
        accounts.refuse_account(party=mill, account=row, note="They know of nothing", **who)
    with pytest.raises(Conflict):
        books.undo(mill, merge)
    assert books.states(mill)[GERMAN[-4:]] == "refused"


def test_of_two_merges_in_a_row_the_last_comes_back(books: Books) -> None:
    mill = supplier(books, "Mill", FRENCH)
    second = supplier(books, "Mill bis", GERMAN)
    third = supplier(books, "Mill ter", THIRD)
    books.merge(second, third)
    assert [books.paid_to(one) for one in (mill, second, third)] == [FRENCH, GERMAN, GERMAN]
    merge = books.merge(mill, second)
    assert {books.paid_to(one) for one in (mill, second, third)} == {FRENCH}
    books.undo(mill, merge)
    assert [books.paid_to(one) for one in (mill, second, third)] == [FRENCH, GERMAN, GERMAN]
    assert books.states(second)[THIRD[-4:]] == "quarantined"


def test_the_preview_names_what_will_wait(books: Books, sign_in_as: Any) -> None:
    supplier(books, "Mill", FRENCH)
    supplier(books, "Mill bis", GERMAN)
    page = sign_in_as(books.company.user).get(books.company.url("directory/1/merge?other=2")).text
    assert "These accounts wait" in page
    assert "DE89 … 3000" in page
    assert "FR76 … 0189" not in page
