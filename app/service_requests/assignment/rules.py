"""Who gets a piece of work: a pure choice, the same for the same input."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody with a live grant to work on the line; `away_until` while they are absent."""

    user_id: UUID
    name: str
    open_requests: int = 0
    skills: frozenset[str] = frozenset()
    away_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """`item` is empty for one of the whole line."""

    item: str = ""
    operator_id: UUID | None = None
    deputy_id: UUID | None = None
    skill: str = ""
    by_load: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """Whom the rule names and who can't: 'no_grant', 'away' or 'no_skill'."""

    user_id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """`why`: 'named', 'deputy' or 'load'; without anybody 'no_rule' or 'nobody'."""

    who: Candidate | None
    why: str
    passed: tuple[Passed, ...] = ()


def choose(rules: Sequence[Rule], candidates: Sequence[Candidate]) -> Choice:
    """The first rule that gives somebody, that of the item before that of the line."""
    known = {one.user_id: one for one in candidates}
    passed: list[Passed] = []
    for rule in sorted(rules, key=lambda one: one.item == ""):
        found = _by_name(rule, known, passed) or _by_load(rule, candidates)
        if found is not None:
            who, why = found
            return Choice(who, why, tuple(passed))
    return Choice(None, "nobody" if rules else "no_rule", tuple(passed))


def _by_name(
    rule: Rule, known: dict[UUID, Candidate], passed: list[Passed]
) -> tuple[Candidate, str] | None:
    for user_id, why in ((rule.operator_id, "named"), (rule.deputy_id, "deputy")):
        if user_id is None:
            continue
        one = known.get(user_id)
        obstacle = "no_grant" if one is None else obstacle_of(one, rule.skill)
        if one is not None and not obstacle:
            return one, why
        passed.append(Passed(user_id, obstacle))
    return None


def _by_load(rule: Rule, candidates: Sequence[Candidate]) -> tuple[Candidate, str] | None:
    able = [one for one in candidates if not obstacle_of(one, rule.skill)]
    if not rule.by_load or not able:
        return None
    return min(able, key=lambda one: (one.open_requests, one.name, one.user_id)), "load"


def obstacle_of(one: Candidate, skill: str) -> str:
    """Empty where they can take it."""
    if one.away_until is not None:
        return "away"
    return "no_skill" if skill and skill not in one.skills else ""
