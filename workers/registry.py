"""What each job declares of itself: how long, how much, in which access states of its company."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Literal, TypeVar

from tenants.access import ACCESS_STATES, WORKING
from tenants.jobs import QUEUES, PermanentFailure
from workers.queues import RULES

JOBS_PACKAGE = "workers.jobs"
NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
MEGABYTE = 1024 * 1024
# Billing, exports, erasure and what is owed for what has happened already.
ANY_STATE = ACCESS_STATES

Kind = Literal["short", "heavy"]
Function = TypeVar("Function", bound=Callable[..., Any])


class UnknownJob(PermanentFailure):
    code = "unknown_job"
    internal = True

    def __init__(self, name: str) -> None:
        super().__init__("There is no job called “%(name)s”.", name=name)


@dataclass(frozen=True, slots=True)
class Declaration:
    """`seconds` are for the job, or for one chunk of it; `memory_mb` is what it may need beside the
    worker's own; `output_bytes` are its files, result and position together. `heavy` jobs run in
    processes that end now and then (docs/adr/0008-workers.md). `title` is what the company reads
    in its list while the job is open; `unseen` says why it reads nothing."""

    queue: str
    seconds: float
    memory_mb: int
    output_bytes: int
    states: frozenset[str]
    kind: Kind
    title: str = ""
    unseen: str = ""


_declared: dict[Callable[..., Any], Declaration] = {}


def job(
    *,
    queue: str = "default",
    seconds: float | None = None,
    memory_mb: int = 256,
    output_mb: float = 8,
    states: Iterable[str] = WORKING,
    kind: Kind = "short",
    title: str = "",
    unseen: str = "",
) -> Callable[[Function], Function]:
    """A function of `workers/jobs/<line>.py` becomes the job '<line>.<its name>'."""
    allowed = frozenset(states)
    if queue not in QUEUES or not {"active"} <= allowed <= set(ACCESS_STATES):
        raise ValueError("no such queue, or a job that doesn't run for active companies")
    if title and unseen:
        raise ValueError("the company reads of it, or it doesn't")

    def declare(function: Function) -> Function:
        _declared[function] = Declaration(
            queue=queue,
            seconds=seconds or RULES[queue].seconds,
            memory_mb=memory_mb,
            output_bytes=int(output_mb * MEGABYTE),
            states=allowed,
            kind=kind,
            title=title,
            unseen=unseen,
        )
        return function

    return declare


def resolve(name: str, package: str = JOBS_PACKAGE) -> tuple[Callable[..., Any], Declaration]:
    """The function of '<line>.<verb>', which must be declared in that line's own file."""
    if NAME.fullmatch(name) is None:
        raise UnknownJob(name)
    line, _, verb = name.partition(".")
    try:
        module = importlib.import_module(f"{package}.{line}")
    except ModuleNotFoundError as error:
        if error.name != f"{package}.{line}":
            raise
        raise UnknownJob(name) from error
    function = getattr(module, verb, None)
    if not inspect.isfunction(function) or function.__module__ != module.__name__:
        raise UnknownJob(name)
    declaration = _declared.get(function)
    if declaration is None:
        raise UnknownJob(name)
    return function, declaration


def all_declared(package: str = JOBS_PACKAGE) -> Mapping[str, Declaration]:
    """By name; imports every line of the package."""
    return dict(_every(package))


def _every(package: str) -> Iterator[tuple[str, Declaration]]:
    for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
        module = importlib.import_module(f"{package}.{found.name}")
        for verb, one in vars(module).items():
            ours = isinstance(one, FunctionType) and one.__module__ == module.__name__
            if ours and one in _declared:
                yield f"{found.name}.{verb}", _declared[one]
