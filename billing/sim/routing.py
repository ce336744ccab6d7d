from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from billing.sim.params import Params
from billing.sim.state import Obj, Store

Handler = Callable[..., Obj]
PAGED = "limit starting_after ending_before"


@dataclass(frozen=True)
class Route:
    """One call of the API; a parameter outside `accepts` is refused, never ignored."""

    method: str
    path: str
    handler: Handler
    accepts: frozenset[str] = field(default_factory=frozenset)
    journaled: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile("^" + re.sub(r"\{[a-z]+\}", "([^/]+)", self.path) + "$")

    @cached_property
    def template(self) -> str:
        return re.sub(r"\{[a-z]+\}", "x", self.path)

    def __call__(self, store: Store, params: Params, *ids: str) -> Obj:
        return self.handler(store, params, *ids)


def route(
    method: str, path: str, handler: Handler, accepts: str = "", *, journaled: bool = False
) -> Route:
    """A `journaled` handler changes the state through `Store.note` alone."""
    return Route(method, path, handler, frozenset([*accepts.split(), "expand"]), journaled)
