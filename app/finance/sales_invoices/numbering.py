"""How a number is written."""

from __future__ import annotations

YEAR = "{year}"
MOST = 35


def written(prefix: str, digits: int, year: int, number: int) -> str:
    """`F-{year}-` with four digits: F-2026-0007. A number that outgrows its digits keeps them all."""
    return f"{prefix.replace(YEAR, str(year))}{number:0{digits}d}"


def counts_by_year(prefix: str) -> bool:
    return YEAR in prefix
