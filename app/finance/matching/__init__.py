"""Which statement line pays which open item, and why: the surest rules first."""

from collections.abc import Callable, Iterable, Mapping

from app.finance.matching.by_amount import by_amount
from app.finance.matching.by_difference import by_difference
from app.finance.matching.by_reference import by_reference
from app.finance.matching.by_sum import by_sum
from app.finance.matching.kinds import Ambiguity, Item, Learned, Line, Matches, Proposal
from app.finance.matching.run import Run
from app.finance.settlement import Tolerance

__all__ = ["PHASES", "Ambiguity", "Item", "Learned", "Line", "Matches", "Proposal", "match"]

_RULES = (by_reference, by_amount, by_sum, by_difference)
PHASES = len(_RULES)


def match(
    items: Iterable[Item],
    lines: Iterable[Line],
    tolerances: Mapping[str, Tolerance] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Matches:
    """`tolerances` by currency, the default where none is given; `progress` hears of each phase."""
    run = Run(items, lines, tolerances or {})
    for number, rule in enumerate(_RULES, start=1):
        rule(run)
        if progress:
            progress(number)
    return Matches(
        tuple(sorted(run.proposals, key=lambda p: (p.line_id, p.item_id))),
        tuple(sorted(run.ambiguities.values(), key=lambda a: a.line_id)),
    )
