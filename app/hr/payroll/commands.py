"""`coulisse payroll`: the engine on rows of a CSV file, without a database."""

import csv
from pathlib import Path

import click

from app.hr.payroll import cases
from app.hr.payroll.explaining import explain
from app.hr.payroll.french import FrenchEngine

CASES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def payroll() -> None:
    """French payslips from the terminal; nothing is declared to authorities."""


@payroll.command("compute")
@click.argument("file", metavar="CASES.csv", type=CASES)
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def compute_cases(file: Path, out: Path) -> None:
    """Write every line and total of the cases; what is refused says why."""
    rows = _rows(file)
    results = cases.compute(FrenchEngine(), rows)
    written = [cases.as_row(row, one) for row, one in zip(rows, results, strict=True)]
    try:
        with out.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, cases.OUT, lineterminator="\n")
            writer.writeheader()
            writer.writerows(written)
    except OSError as error:
        raise click.ClickException(f"{out} can't be written: {error.strerror}.") from error
    refused = [row for row in written if row["status"] != "ok"]
    for row in refused:
        click.echo(f"{row['id']}: {row['note']}", err=True)
    click.echo(f"{len(rows)} cases, {len(rows) - len(refused)} computed, {len(refused)} refused")


@payroll.command("explain")
@click.argument("file", metavar="CASES.csv", type=CASES)
@click.argument("case_id", metavar="ID")
@click.option("--language", type=click.Choice(["fr", "de", "en"]), default="en")
def explain_case(file: Path, case_id: str, language: str) -> None:
    """Print each line of one case with its rule, base, rates and the source of its figures."""
    rows = _rows(file)
    engine = FrenchEngine()
    shown = False
    for row, result in zip(rows, cases.compute(engine, rows), strict=True):
        if row["id"] == case_id:
            shown = True
            for line in explain(engine, row["period"], result, language):
                click.echo(line)
    if not shown:
        raise click.ClickException(f"No case {case_id} in {file}.")


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return cases.read(opened)
    except cases.Unreadable as error:
        raise click.ClickException(str(error)) from error
