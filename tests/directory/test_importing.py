"""A file of customers and suppliers: looked at, taken, taken back; what goes in is what comes out."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.directory import identifiers, queries, uses
from app.directory.data import PartyData
from app.directory.importing import queries as imports
from app.directory.importing import services, undoing, values
from app.directory.importing.columns import FILE_FIELDS, HEADINGS
from app.directory.importing.rows import template_rows
from app.directory.models import KINDS
from app.directory.services import parties
from app.spreadsheets.reading import read_safely
from app.spreadsheets.writing import Sheet, write
from tenants.core.errors import Conflict
from tests.effort import effort
from tests.factories import acting
from tests.factories.directory import FRENCH, GERMAN, make_party, siren_of, siret_of, vat_of
from tests.factories.jobs import run_jobs
from tests.factories.people import now


@dataclass
class Importer:
    stage: Any
    company: Any
    id: Any = None

    @contextmanager
    def user(self) -> Any:
        who = self.company.user
        with acting(self.stage, who.scope()):
            yield {"actor": who.actor(), "now": now()}

    def send(self, content: bytes | str, role: str = "customer") -> Any:
        data = content.encode() if isinstance(content, str) else content
        with self.user() as who:
            self.id = services.start_import(
                name="customers.csv", content_type="text/csv", content=data, role=role, **who
            ).id
        run_jobs(self.stage, self.company.id)
        return self.row()

    def take(self) -> Any:
        with self.user() as who:
            services.take_import(
                party_import=imports.get_import(import_id=self.id), anyway=True, **who
            )
        run_jobs(self.stage, self.company.id)
        return self.row()

    def undo(self) -> Any:
        with self.user() as who:
            undoing.undo_import(party_import=imports.get_import(import_id=self.id), **who)
        run_jobs(self.stage, self.company.id)
        return self.row()

    def row(self) -> Any:
        return self.stage.rows("SELECT * FROM party_imports WHERE id = :i", i=self.id)[0]

    def lines(self) -> list[Any]:
        return list(self.stage.rows(
            "SELECT * FROM party_import_rows WHERE import_id = :i ORDER BY line", i=self.id
        ))  # fmt: skip

    def count(self) -> int:
        found: int = self.stage.value(
            "SELECT count(*) FROM parties WHERE tenant_id = :t", t=self.company.id
        )
        return found


@pytest.fixture
def importer(stage: Any, world: Any) -> Importer:
    return Importer(stage, world.a)


def counts(row: Any) -> tuple[int, int, int, int, int]:
    found = (row.rows_in, row.rows_new, row.rows_changed, row.rows_same, row.rows_rejected)
    assert found[0] == sum(found[1:])
    return found


FILE = f"""Liste des clients

Nom;N° client;SIREN;Code postal;Ville;Pays;Délai de paiement;IBAN;Bidule
Moulin du Lac;K1;{siren_of(1)};1000;Bourg-en-Bresse;France;30 jours fin de mois;{FRENCH};x
Boulangerie Rivière;K2;;74000;Annecy;;;;y
Sans ville;K3;;74000;;FR;;;
Mauvais SIREN;K4;123456789;74000;Annecy;FR;;;
Moulin bis;K5;{siren_of(1)};74000;Annecy;FR;;;
"""


def test_look_take_again_and_back(importer: Importer, stage: Any, world: Any) -> None:
    seen = importer.send(FILE)
    assert (seen.state, counts(seen), importer.count()) == ("previewed", (5, 2, 0, 0, 3), 0)
    assert seen.ignored == ["Bidule"]
    reasons = {one.line: one.reasons for one in importer.lines() if one.outcome == "rejected"}
    assert {line: found[0][0] for line, found in reasons.items()} == {
        6: "Ville", 7: "SIREN", 8: ""}  # fmt: skip
    assert reasons[8][0][1]["params"] == {"first": 4}
    taken = importer.take()
    assert (taken.state, counts(taken), importer.count()) == ("taken", (5, 2, 0, 0, 3), 2)
    with importer.user():
        found = queries.list_by_references(["K1"])[0]
        parts = queries.load_parts([found.id])[found.id]
        assert (found.payment_days, found.end_of_month) == (30, True)
        assert [row.state for row in parts.accounts] == ["active"]
        assert parts.address("billing").postcode == "01000"  # type: ignore[union-attr]
    first = importer.id
    again = importer.send(FILE)
    assert counts(again) == (5, 0, 0, 2, 3)
    with importer.user() as who, pytest.raises(Conflict):
        services.take_import(party_import=imports.get_import(import_id=importer.id), **who)
    importer.take()
    assert importer.count() == 2
    importer.id = first
    undone = importer.undo()
    assert (undone.state, undone.rows_undone, undone.rows_kept) == ("undone", 2, 0)
    assert importer.count() == 0
    for table in ("party_identifiers", "party_addresses", "party_accounts"):
        assert not stage.rows(f"SELECT FROM {table} WHERE tenant_id = :t", t=world.a.id)


def test_a_change_is_taken_back_and_later_work_is_left(
    importer: Importer, stage: Any, world: Any
) -> None:
    old = make_party(
        stage, world.a, name="Old name", reference="K1", siren=siren_of(1), iban=FRENCH
    )
    used = make_party(stage, world.b)
    importer.send(
        f"name;reference;iban;country;town\nNew name;K1;{GERMAN};;\nFresh;K2;;FR;Lyon\n"
        "Touched;K3;;FR;Lyon\nUsed;K4;;FR;Lyon\n", "supplier",
    )  # fmt: skip
    assert counts(importer.take()) == (4, 3, 1, 0, 0)
    with importer.user() as who:
        row = queries.get_party(party_id=old.id)
        assert (row.name, row.roles) == ("New name", ("customer", "supplier"))
        accounts = queries.load_parts([old.id])[old.id].accounts
        assert [one.state for one in accounts] == ["quarantined", "active"]
        [touched] = queries.list_by_references(["K3"])
        parties.archive_party(party=touched, **who)
        [kept] = queries.list_by_references(["K4"])
        kept_id = kept.id
    uses.tell_uses("test", lambda ids: [one for one in ids if one == kept_id])
    try:
        undone = importer.undo()
    finally:
        uses.tell_uses("test", lambda ids: [])
    assert (undone.rows_undone, undone.rows_kept) == (2, 2)
    assert [one.undo for one in importer.lines()] == ["undone", "undone", "changed_since", "in_use"]
    with importer.user():
        row = queries.get_party(party_id=old.id)
        assert (row.name, row.roles) == ("Old name", ("customer",))
        accounts = queries.load_parts([old.id])[old.id].accounts
        assert [one.state for one in accounts] == ["active"]
    assert used.name


def test_sites_and_doubts(importer: Importer, stage: Any, world: Any) -> None:
    for site in (1, 2):
        make_party(stage, world.a, name=f"Site {site}", siret=siret_of(5, site), vat=vat_of(5))
    seen = importer.send(
        "name;siret;siren;vat\n"
        f"Site 3;{siret_of(5, 3)};;{vat_of(5)}\n"
        f"Site 2 with another name;{siret_of(5, 2)};;\n"
        f"Which of them;;{siren_of(5)};\n"
        f"Wrong VAT;{siret_of(6)};;{vat_of(7)}\n"
    )
    assert [one.outcome for one in importer.lines()] == ["new", "changed", "rejected", "rejected"]
    assert counts(seen) == (4, 1, 1, 0, 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a;b\n1;2\n", "columns_missing"), (b"name;town\n", "no_rows"), (b"\0\1\2" * 50, "format_unknown"),
        (b"PK\x03\x04 no workbook", "xlsx_broken"), (b'name;town\n"open;x\n' + b"y" * 30_000, "csv_broken"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_in_words(
    importer: Importer, content: bytes, code: str
) -> None:
    found = importer.send(content)
    assert (found.state, found.problem["code"]) == ("refused", code)
    assert not importer.lines()


def test_hostile_cells_are_rejected_or_kept_as_they_are(importer: Importer) -> None:
    rows = [["Name", "Town", "Country", "Note"],
            ["=HYPERLINK(\"http://x\")", "Paris", "FR", "'+33 1"],
            ["x" * 10_000, "Paris", "FR", ""], ["\u202eevil 🥐", "Paris", "FR", "a\nb"],
            ["<script>alert(1)</script>", "Paris", "Atlantis", ""]]  # fmt: skip
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    importer.send(out.getvalue())
    lines = importer.lines()
    assert [one.outcome for one in lines] == ["new", "rejected", "new", "rejected"]
    assert counts(importer.take()) == (4, 2, 0, 0, 2)
    with importer.user():
        names = {row.name: row.note for row in queries.list_all()}
    assert names == {'=HYPERLINK("http://x")': "+33 1", "evil 🥐": "a\nb"}


def test_a_run_that_was_cut_off_goes_on_where_it_was(importer: Importer, monkeypatch: Any) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 2)
    importer.send("name;town\n" + "".join(f"Party {n};Lyon\n" for n in range(7)))
    with importer.user() as who:
        services.take_import(party_import=imports.get_import(import_id=importer.id), **who)
    position: Any = None
    for _ in range(5):
        # Each step in a transaction of its own, as if the process had died after it.
        with importer.user() as who:
            steps = services.write_import(
                import_id=importer.id, progress=lambda *_: None, position=position, **who
            )
            position = next(steps, position)
    assert (importer.count(), counts(importer.row())) == (7, (7, 7, 0, 0, 0))
    assert importer.row().state == "taken"


def test_a_dry_run_that_was_cut_off_goes_on_where_it_was(
    importer: Importer, monkeypatch: Any
) -> None:
    """A line that repeats one of an earlier step is still known as such."""
    monkeypatch.setattr(services, "AT_ONCE", 2)
    content = "name;town\n" + "".join(f"Party {n};Lyon\n" for n in (0, 1, 2, 3, 0))
    with importer.user() as who:
        importer.id = services.start_import(
            name="x.csv", content_type="text/csv", content=content.encode(), role="customer", **who
        ).id
    # The first step is run twice, as when nobody had noted where it ended.
    for position in (None, None, {"line": 3}, {"line": 5}):
        with importer.user():
            next(services.read_import(
                import_id=importer.id, progress=lambda *_: None, position=position
            ), None)  # fmt: skip
    with importer.user():
        list(services.read_import(
            import_id=importer.id, progress=lambda *_: None, position={"line": 6}
        ))  # fmt: skip
    assert counts(importer.row()) == (5, 4, 0, 0, 1)
    assert importer.row().state == "previewed"


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_read_as_it_stands(importer: Importer, language: str, kind: str) -> None:
    headings, rows = template_rows(language)
    seen = importer.send(write(Sheet("template", "Template", headings, rows), kind))
    assert (counts(seen), seen.ignored) == ((2, 2, 0, 0, 0), [])
    assert [name for _, name in seen.columns] == list(FILE_FIELDS)


TEXT = st.text(st.characters(exclude_categories=("C", "Z")), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        PartyData, name=TEXT, customer=st.booleans(), supplier=st.booleans(),
        kind=st.sampled_from(KINDS), language=st.sampled_from(["fr", "de", "en"]),
        payment_days=st.none() | st.integers(0, 365), end_of_month=st.booleans(),
        billing_country=st.sampled_from(["FR", "DE", "GB", "US"]), note=TEXT, trade_name=TEXT,
    ),
    st.sampled_from(["en", "fr", "de"]),
)  # fmt: skip
@example(PartyData(name="=1+1", trade_name="'=", note="''\t-2"), "en")
def test_what_is_written_is_read_back(data: PartyData, language: str) -> None:
    for field in FILE_FIELDS:
        cell = str(values.written(field, data, language))
        if field == "role" or not cell:
            continue
        assert values.read(field, cell)[field] == getattr(data, field)
        assert HEADINGS.title(field, language)


@given(st.integers(1, 99_999_999))
def test_identifiers_survive_spaces(number: int) -> None:
    for scheme, value in (
        ("siren", siren_of(number)), ("siret", siret_of(number)), ("vat", vat_of(number))
    ):  # fmt: skip
        assert identifiers.read(scheme, " ".join(value)) == value
        assert identifiers.read(scheme, value) == value
        with pytest.raises(ValueError, match="This is not"):
            identifiers.read(scheme, value[:-1] + str((int(value[-1]) + 1) % 10))


def test_reading_stays_within_its_limits() -> None:
    assert len(read_safely(b"name\n" + b"x\n" * 10_000, ["name"], most=10_000).rows) == 10_000


def test_a_long_list_goes_in_whole_and_a_second_time_changes_nothing(
    importer: Importer, stage: Any
) -> None:
    """Over several transactions: what goes in comes out as entries or rejected lines."""
    rows = effort(500)
    lines = [
        f"Mill {n};K{n};{siren_of(n)};rue du Lac {n};{69000 + n % 9};Lyon;FR;c{n}@mill.example"
        for n in range(rows)
    ]
    lines[7] = "Mill 7;K7;123456789;;69001;Lyon;FR;"
    lines.append(lines[-1])
    head = "name;reference;siren;street;postcode;town;country;email\n"
    content = head + "\n".join(lines) + "\n"
    assert counts(importer.send(content)) == (rows + 1, rows - 1, 0, 0, 2)
    assert counts(importer.take()) == (rows + 1, rows - 1, 0, 0, 2)
    assert importer.count() == rows - 1
    again = importer.send(content)
    assert counts(again) == (rows + 1, 0, 0, rows - 1, 2)
    importer.take()
    assert importer.count() == rows - 1
