import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import cli
from app.hr.payroll import cases

MONTHS = Path(__file__).parent / "data" / "months.csv"
HEAD = "id,period,salaire_base,effectif,taux_at,taux_vm,taux_pas\n"


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")


def compute(tmp_path: Path, content: str | bytes) -> tuple[list[dict[str, str]], str]:
    given, out = tmp_path / "cases.csv", tmp_path / "out.csv"
    given.write_bytes(content if isinstance(content, bytes) else content.encode())
    made = CliRunner().invoke(cli, ["payroll", "compute", str(given), "-o", str(out)])
    assert made.exit_code == 0, made.output
    with out.open(encoding="utf-8") as opened:
        return list(csv.DictReader(opened)), made.output


def test_the_same_ids_come_back_with_every_column(tmp_path: Path) -> None:
    rows, told = compute(tmp_path, MONTHS.read_bytes())
    with MONTHS.open(encoding="utf-8") as opened:
        given = list(csv.DictReader(opened))
    assert [row["id"] for row in rows] == [row["id"] for row in given]
    wanted = {name for name in given[0] if name.startswith(("x_", "exp_"))}
    assert wanted <= set(rows[0])
    assert all(row[name] for row in rows for name in wanted)
    assert "43 cases, 43 computed, 0 refused" in told
    assert set(rows[0]) == set(cases.OUT)


def test_a_refused_row_says_why_and_the_others_are_computed(tmp_path: Path) -> None:
    rows, told = compute(
        tmp_path,
        HEAD + "good,2026-11,2500,30,0.02,0,\nno-rate,2026-11,2500,30,,0,\n"
        "text,2026-11,two,30,0.02,0,\nmonth,2026-13,2500,30,0.02,0,\n"
        "late,2027-01,2500,30,0.02,0,\nsize,2026-11,2500,,0.02,0,\ntiny,2026-11,1e-400000000000000000000,30,0.02,0,\n",
    )
    assert [row["status"] for row in rows] == ["ok"] + ["blocked"] * 6
    assert rows[1]["note"].startswith("accident_rate_missing: The work-accident rate")
    assert rows[2]["note"].startswith("cell_unreadable: “two” in the column salaire_base")
    assert rows[1]["exp_net_a_payer"] == ""
    assert "7 cases, 1 computed, 6 refused" in told


def test_months_of_one_id_are_regularised_in_their_order(tmp_path: Path) -> None:
    rows, _ = compute(tmp_path, HEAD + "a,2026-02,2000,30,0.02,0,\na,2026-01,6000,30,0.02,0,0.1\n")
    # February alone would be 138.00; with January it takes up the ceiling that January exceeded

    assert rows[1]["x_vp_sal"] == "276.35"
    assert rows[0]["x_vp_sal"] == "275.65"
    assert rows[1]["exp_taux_neutre"] == "10.0"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"id,period\na,2026-11\n", "lacks the column salaire_base"),
        (b"", "lacks the column id, period, salaire_base"),
        (b"id,period,salaire_base\n\xff\xfe,,\n", "no CSV file in UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(tmp_path: Path, content: bytes, told: str) -> None:
    given, out = tmp_path / "cases.csv", tmp_path / "out.csv"
    given.write_bytes(content)
    made = CliRunner().invoke(cli, ["payroll", "compute", str(given), "-o", str(out)])
    assert made.exit_code == 1
    assert told in made.output
    assert not out.exists()


def test_a_case_is_explained_with_rule_base_rate_and_source() -> None:
    made = CliRunner().invoke(
        cli, ["payroll", "explain", str(MONTHS), "NC_2500_E30_HS10", "--language", "fr"]
    )
    assert made.exit_code == 0
    assert "Sécurité sociale – vieillesse plafonnée" in made.output
    assert "employee 186.72 = 2706.04 x 0.069" in made.output
    assert "rule contributions; old_age_capped_employee 0.069: Code de la sécurité" in made.output
    assert "NOT CONFIRMED" in made.output
    assert "Nothing is declared to authorities" in made.output
    unknown = CliRunner().invoke(cli, ["payroll", "explain", str(MONTHS), "nobody"])
    assert unknown.exit_code == 1
