"""Every change of a job's state: the one table that all statements take their states from.
docs/jobs.md is drawn from it."""

from dataclasses import dataclass

STATES = (
    "queued", "dispatched", "running", "waiting", "retrying", "succeeded", "quarantined",
    "cancelled",
)  # fmt: skip
ENDED = ("succeeded", "quarantined", "cancelled")
# Handed over and not ended: these count against a company's places in a queue.
LIVE = ("dispatched", "running")


@dataclass(frozen=True, slots=True)
class Transition:
    verb: str
    sources: tuple[str, ...]
    target: str
    who: str
    when: str


_TABLE = (
    Transition("claim", ("queued", "retrying"), "dispatched", "dispatcher",
               "it is due, and its company has a place free in the queue"),
    Transition("take_back", ("dispatched",), "queued", "dispatcher",
               "the hand-over was lost: nobody took it up"),
    Transition("start", ("dispatched",), "running", "worker",
               "with the attempt that was handed over"),
    Transition("finish", ("running",), "succeeded", "worker",
               "in the transaction of its effect"),
    Transition("wait", ("running",), "waiting", "worker",
               "its own work is done, jobs that it added are not"),
    Transition("settle", ("waiting",), "succeeded", "dispatcher",
               "the last of those ended"),
    Transition("hand_back", ("running",), "queued", "worker",
               "the worker stops; no failure"),
    Transition("fail", ("running",), "retrying", "worker",
               "it raised or broke a limit; again after a growing pause"),
    Transition("fail_for_good", ("running",), "quarantined", "worker",
               "that was its last try, or trying again can't help"),
    Transition("lose", ("running",), "retrying", "dispatcher",
               "its lease ran out: the worker died"),
    Transition("lose_for_good", ("running",), "quarantined", "dispatcher",
               "its workers died as often as it may be tried"),
    Transition("replay", ("quarantined",), "queued", "staff",
               "with all its tries, from its saved position"),
    Transition("drop", ("quarantined",), "cancelled", "staff",
               "with a reason"),
    Transition("cancel", ("queued", "dispatched", "running", "waiting", "retrying"), "cancelled",
               "staff", "what it added goes with it; a run that goes on keeps nothing"),
)  # fmt: skip
TRANSITIONS = {one.verb: one for one in _TABLE}


def allowed(source: str, target: str) -> bool:
    return any(source in one.sources and target == one.target for one in _TABLE)


def listed(states: tuple[str, ...]) -> str:
    """As SQL writes them between parentheses."""
    return ", ".join(f"'{state}'" for state in states)


def at(verb: str) -> str:
    """The SQL condition that the verb may be done."""
    return f"state IN ({listed(TRANSITIONS[verb].sources)})"


def to(verb: str) -> str:
    return f"'{TRANSITIONS[verb].target}'"
