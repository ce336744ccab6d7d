"""The quality check of a request as its page shows it to the provider's side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.service_requests.checking.drawing import REASONS, SLIPS
from app.service_requests.checking.forms import PLACES
from app.service_requests.checking.kinds import KINDS, MARKS, kinds_of
from app.service_requests.models import ServiceRequest
from app.web.forms import BoundForm
from app.web.i18n import text
from tenants.core.text import _m
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class CheckPart:
    """`findings` are all of them, `to_confirm` those that no reviewer confirmed yet. `drawn_because`
    says why the present submission is checked, or isn't."""

    findings: Sequence[Any] = ()
    to_confirm: Sequence[Any] = ()
    may_tick: bool = False
    drawn_because: str = ""
    kinds: Mapping[str, str] = field(default_factory=lambda: KINDS)
    marks: Mapping[str, tuple[str, str, str]] = field(default_factory=lambda: MARKS)

    @property
    def to_fix(self) -> int:
        return sum(one.fixed_at is None for one in self.to_confirm)


def check_of(
    actor: Actor, request: ServiceRequest, findings: Sequence[Any], draws: Sequence[Any]
) -> CheckPart:
    if actor.side == "client":
        return CheckPart()
    return CheckPart(
        findings=findings,
        to_confirm=[one for one in findings if one.is_open],
        may_tick=request.state == "in_progress" and actor.can("request.work", request.line),
        drawn_because=_checked_because(draws[-1]) if draws and request.state == "in_review" else "",
    )


def _checked_because(draw: Any) -> str:
    return why(draw) if draw.drawn else text(_m("Whoever handed it over asked for this check."))


def why(draw: Any) -> str:
    return text(REASONS[draw.because], {"rate": draw.rate})


def slip_words(draw: Any) -> dict[str, int]:
    """Numbers from 1, as people count."""
    return {"slip": draw.slip + 1, "below": draw.rate * SLIPS // 100, "all": SLIPS}


def offer_choices(forms: Mapping[str, BoundForm], request: ServiceRequest, part: CheckPart) -> None:
    kinds = [(code, text(label)) for code, label in kinds_of(request.line).items()]
    for place in PLACES:
        forms["return"][f"kind{place}"].choices = kinds
    shown = [(str(one.id), one.body) for one in part.to_confirm]
    for name in ("return", "pass"):
        forms[name]["confirmed"].choices = shown
