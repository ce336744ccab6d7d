from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One thing taken away. `sql` changes a database of its own and `back` puts that back; `patch`
    changes the process that tests it; `undo` puts back what is the whole server's, so such a
    mutant runs alone."""

    kind: str
    what: str
    sql: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    patch: Callable[[], None] | None = None

    @property
    def name(self) -> str:
        return f"{self.kind}: {self.what}"


UNCHANGED = Mutant("none", "nothing taken away")
Mutants = Iterator[Mutant]
