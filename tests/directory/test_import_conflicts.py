"""Lines of a list that get in each other's way, or in the way of what others did since."""

from __future__ import annotations

from typing import Any

import pytest

from app.directory import queries
from app.directory.data import PartyData
from app.directory.importing import services
from app.directory.services import accounts, parties
from tenants.core.errors import Forbidden
from tests.directory.test_importing import Importer, counts
from tests.factories import acting, make_member
from tests.factories.directory import FRENCH, GERMAN, make_party, siren_of, siret_of
from tests.factories.jobs import run_jobs
from tests.factories.people import now


@pytest.fixture
def importer(stage: Any, world: Any) -> Importer:
    return Importer(stage, world.a)


def test_a_second_line_of_one_entry_is_refused(
    importer: Importer, stage: Any, world: Any, monkeypatch: Any
) -> None:
    """However it names it, and whether or not both lines are of one step: no line's work is lost."""
    for n in (1, 2):
        make_party(stage, world.a, name=f"Mill {n}", reference=f"K{n}", siren=siren_of(n),
                   payment_days=10)  # fmt: skip
    content = (
        "name;reference;siren;siret;vat;days to pay;postcode;town\n"
        "Mill 1;K1;;;;45;;\n"
        f"New name;;{siren_of(1)};;;;;\n"
        f"Renamed;K2;{siren_of(3)};;;;;\n"
        f"Mill 2;;{siren_of(2)};;;60;;\n"
        "Renamed;;;;;60;;\n"
        f"Bakery;;;{siret_of(7)};;;74000;Annecy\n"
        "Bakery;;;;;60;74000;Annecy\n"
        f"Bakery bis;K7;{siren_of(7)};;;60;74000;Annecy\n"
    )
    want = ["changed", "rejected", "changed", "rejected", "rejected", "new", "rejected",
            "rejected"]  # fmt: skip
    for at_once in (500, 1):
        monkeypatch.setattr(services, "AT_ONCE", at_once)
        seen = importer.send(content)
        found = {one.line: one for one in importer.lines()}
        assert [one.outcome for one in found.values()] == want
        firsts = {line: one.reasons[0][1]["params"] for line, one in found.items() if one.reasons}
        assert {firsts[line]["first"] for line in (3, 5, 6)} == {2, 4}
        taken = importer.take()
        assert counts(taken) == counts(seen)
        with importer.user():
            row = queries.list_by_references(["K1"])[0]
            assert (row.name, row.payment_days) == ("Mill 1", 45)
        undone = importer.undo()
        assert (undone.rows_undone, undone.rows_kept) == (len(found) - seen.rows_rejected, 0)
        with importer.user():
            assert queries.list_by_references(["K1"])[0].payment_days == 10
        assert importer.count() == 2


def test_a_line_that_the_preview_refused_stays_out(importer: Importer) -> None:
    """Whatever has become possible since: what is taken is what was shown."""
    with importer.user() as who:
        gone = parties.create_party(data=PartyData(name="Mill", siren=siren_of(1)), **who)
        parties.create_party(data=PartyData(name="Other", reference="K1"), **who)
        gone_id = gone.id
    seen = importer.send(f"name;reference;siren;town\nMill;K1;{siren_of(1)};Lyon\n")
    assert counts(seen) == (1, 0, 0, 0, 1)
    with importer.user() as who:
        parties.update_party(party=queries.get_party(party_id=gone_id),
                             data=PartyData(name="Mill"), expected_version=None, **who)  # fmt: skip
    assert counts(importer.take()) == (1, 0, 0, 0, 1)


def test_a_number_that_was_given_away_since_is_left_and_the_rest_taken_back(
    importer: Importer, stage: Any, world: Any
) -> None:
    old = make_party(stage, world.a, name="Mill", reference="K1", siren=siren_of(1))
    importer.send(
        f"name;reference;siren;town\nMill;K1;{siren_of(2)};Lyon\nFresh;K2;;Lyon\nMore;K3;;Lyon\n"
    )
    importer.take()
    make_party(stage, world.a, name="Third", siren=siren_of(1))
    undone = importer.undo()
    assert (undone.state, undone.rows_undone, undone.rows_kept) == ("undone", 2, 1)
    left = importer.lines()[0]
    assert left.undo == "changed_since"
    assert left.reasons[0][1]["params"]["name"] == "Third"
    with importer.user():
        assert queries.load_parts([old.id])[old.id].identifiers["siren"] == siren_of(2)


def test_who_sent_a_list_does_not_release_its_accounts(
    importer: Importer, stage: Any, world: Any
) -> None:
    """Nor does who took it: the two are the first person together."""
    party = make_party(stage, world.a, name="Mill", reference="K1", iban=FRENCH)
    sender, third = (
        make_member(stage, world.a, role="client_admin", key=key, lines=("finance",))
        for key in ("sender", "third")
    )
    with acting(stage, sender.scope(world.a)):
        importer.id = services.start_import(
            name="new.csv", content_type="text/csv", role="supplier",
            content=f"name;reference;iban\nMill;K1;{GERMAN}\n".encode(),
            actor=sender.actor(world.a), now=now(),
        ).id  # fmt: skip
    run_jobs(stage, world.a.id)
    importer.take()

    def release(person: Any) -> None:
        with acting(stage, person.scope(world.a)):
            found = queries.load_parts([party.id])[party.id].accounts
            accounts.release_account(
                party=party, account=next(one for one in found if one.state == "quarantined"),
                called_number="+33 4 50 00 00 00", called_person="Anne",
                actor=person.actor(world.a), now=now(),
            )  # fmt: skip

    for person in (sender, world.a.user):
        with pytest.raises(Forbidden):
            release(person)
    release(third)
