"""Which format a bank's file has, told by its content; what it is called says nothing."""

from collections.abc import Iterator

from app.finance.camt_reader import read_camt
from app.finance.read_results import Event


def read_statement(data: bytes, layouts: str = "[]") -> Iterator[Event]:
    yield from read_camt(data)
