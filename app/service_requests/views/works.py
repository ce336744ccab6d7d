"""Kinds of work as addresses name them: a line, or an item of one."""

from collections.abc import Sequence

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.catalogue.memory import ITEMS
from tenants.core.errors import NotFound
from tenants.core.text import _m


def works_of(line: str) -> Sequence[tuple[str, str, str]]:
    """Address, item and title of each kind of work of a line, the whole line first."""
    items = [(one.code, one.code, one.title) for one in ITEMS.values() if one.line == line]
    return [(line, "", _m("All work of this line")), *items]


def work_named(work_type: str) -> tuple[str, str, str]:
    """Line, item and title of what an address names; only lines that the actor holds."""
    if work_type in ITEMS:
        found: tuple[str, str, str] = ITEMS[work_type].line, work_type, ITEMS[work_type].title
    elif work_type in LINES:
        found = work_type, "", LINES[work_type]
    else:
        raise NotFound
    if found[0] not in current_actor().visible_lines:
        raise NotFound
    return found
