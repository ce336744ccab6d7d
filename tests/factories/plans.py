"""The parts of the plan by agreement, which a company has unless a test says otherwise."""

from billing.plans import AGREED, Part

BASE = AGREED.bases["month"]


def _meter(name: str) -> Part:
    found = AGREED.part_of(name)
    assert found is not None
    return found


STATEMENT_LINES = _meter("statement_lines")
OPERATOR_MINUTES = _meter("operator_minutes")
