"""Which statement lines a view of the workbench shows."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, exists, or_

from app.finance.models import Match, StatementLine

VIEWS = ("all", "proposed", "confirmed", "unmatched", "left_open", "learned", "difference")
# As the report counts them (by confirmed matches alone), and what figures of quality count.
COUNTED_VIEWS = ("used", "not_used", "by_rule", "undone")
# Counted only: lines like those left open before, and what the figures of quality are made of.
QUALITY_VIEWS = ("suggested", "by_rule", "ever_by_rule", "undone")


def _has_match(*states: str, where: Any = True) -> Any:
    return exists().where(
        Match.tenant_id == StatementLine.tenant_id,
        Match.line_id == StatementLine.id,
        Match.state.in_(states),
        where,
    )


def _suggested() -> Any:
    return and_(
        StatementLine.candidates.has_key("leave_open"),
        StatementLine.left_open_by == "",
        ~_has_match("proposed", "confirmed"),
    )


_SPECIAL_VIEWS: dict[str, Callable[[], Any]] = {
    "learned": lambda: or_(
        _has_match("proposed", where=Match.learned_rule_id.is_not(None)), _suggested()
    ),
    "suggested": _suggested,
    "difference": lambda: _has_match("proposed", "confirmed", where=Match.difference != 0),
    "by_rule": lambda: _has_match("proposed", "confirmed", where=Match.rule != "by_hand"),
    "ever_by_rule": lambda: _has_match(
        "proposed", "confirmed", "undone", where=Match.rule != "by_hand"
    ),
    "undone": lambda: _has_match("undone", where=Match.rule != "by_hand"),
}


def in_view(view: str) -> list[Any]:
    if view in _SPECIAL_VIEWS:
        return [_SPECIAL_VIEWS[view]()]
    if view == "proposed":
        return [_has_match("proposed")]
    if view == "confirmed":
        return [_has_match("confirmed"), ~_has_match("proposed")]
    if view == "unmatched":
        return [~_has_match("proposed", "confirmed"), StatementLine.left_open_by == ""]
    if view == "used":
        return [_has_match("confirmed")]
    if view == "not_used":
        return [~_has_match("confirmed")]
    if view == "left_open":
        return [~_has_match("proposed", "confirmed"), StatementLine.left_open_by != ""]
    return []
