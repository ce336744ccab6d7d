"""Where the figures come from, and that the engine stays light."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from app.hr.payroll import catalogue, parameters
from tests.hr.payroll.people import ENGINE

ROOT = Path(__file__).parents[3]
LOADED = """
import sys
from app.hr.payroll.french import FrenchEngine
FrenchEngine()
heavy = {"flask", "sqlalchemy", "click", "redis", "psycopg"} & set(sys.modules)
assert not heavy, heavy
"""


def test_every_figure_has_reference_source_and_no_gap_in_time() -> None:
    known = parameters.french()
    for name, versions in known.figures.items():
        day = known.valid_from
        for one in sorted(versions, key=lambda one: one.valid_from):
            assert one.valid_from == day, name
            assert one.reference, name
            assert one.source, name
            assert one.confirmed or one.note, name
            day = one.valid_until + timedelta(1)
        assert day == known.valid_until + timedelta(1), name


def test_what_no_outside_source_confirms_is_on_the_page_of_the_documentation() -> None:
    page = (ROOT / "docs" / "payroll.md").read_text()
    missing = {one.name for one in parameters.french().unconfirmed() if f"`{one.name}`" not in page}
    assert not missing
    assert "nothing is declared to" in page.lower()
    assert "payroll professional" in page


def test_the_licence_of_what_derives_from_openfisca_stands_beside_the_file() -> None:
    data = json.loads(parameters.FILE.read_text())
    assert "Affero" in data["notice"]
    assert "openfisca-france" in (parameters.FILE.parent / "NOTICE").read_text().lower()


def test_every_line_has_labels_rule_group_and_accounts() -> None:
    known = parameters.french().figures
    rules = {path.stem for path in Path(catalogue.__file__).parent.glob("*.py")}
    for one in catalogue.kinds().values():
        assert set(one.label) == {"fr", "de", "en"}
        assert all(one.label.values())
        assert one.group in catalogue.groups()
        assert one.rule in rules, one.code
        assert one.expense or one.liability
        assert not set(one.parameters) - set(known), one.code


def test_payslips_name_the_engine_and_its_figures() -> None:
    assert ENGINE.country == "FR"
    assert ENGINE.params_id.startswith("FR-2026")
    assert (ENGINE.valid_from, ENGINE.valid_until) == (date(2026, 1, 1), date(2026, 12, 31))


def test_the_engine_brings_neither_web_nor_database() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
