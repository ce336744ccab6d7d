"""What a change of state does to the two clocks: which rows the ledger gets."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.service_requests.transitions import CLOCKS, ENDED, PAUSED_BY_CONTRACT

ANSWERED = "answered"
# Ends that tell the client nothing about their wish; a rejection does.
_SILENT = frozenset(ENDED) - {"rejected", "closed"}


@dataclass(frozen=True, slots=True)
class Change:
    clock: str
    event: str
    reason: str


def changes(
    *, first: str, resolution: str, source: str | None, target: str, side: str, third_party: bool
) -> Iterator[Change]:
    """`first` and `resolution` are the clocks' states before ('off', 'running', 'paused',
    'stopped'), `side` is whose act it is, `third_party` whether the contract pauses for others."""
    yield from _first(first, source, target, side)
    yield from _resolution(resolution, source, target, side, third_party=third_party)


def _first(state: str, source: str | None, target: str, side: str) -> Iterator[Change]:
    wanted = CLOCKS[target][0]
    if wanted == "runs":
        if state == "off" or (target == "reopened" and source != target and state != "running"):
            yield Change("first_response", "started", target)
    elif state == "running":
        # Neither a rule of ours nor the client's own act answers the client.
        if side == "provider":
            yield Change("first_response", "stopped", target if target in _SILENT else ANSWERED)
        elif target in ENDED or target == "delivered":
            yield Change("first_response", "stopped", target)


def _resolution(
    state: str, source: str | None, target: str, side: str, *, third_party: bool
) -> Iterator[Change]:
    wanted = CLOCKS[target][1]
    if target in PAUSED_BY_CONTRACT and not third_party:
        wanted = "runs"
    if wanted == "runs":
        if state == "off" or (source == "quote_needed" and side == "client"):
            # What was out of scope is promised from the moment on that its price is accepted.
            yield Change("resolution", "started", "accepted" if source else target)
        elif state != "running":
            yield Change("resolution", "resumed", target)
    elif wanted == "stopped":
        if state in ("running", "paused"):
            yield Change("resolution", "stopped", target)
    elif state in ("running", "paused") and source != target:
        yield Change("resolution", "paused", target)
