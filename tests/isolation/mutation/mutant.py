from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One thing taken away. `sql` changes a database of its own and `back` puts that back; `change`
    changes the process that tests it and answers what puts that back; `undo` puts back what is the
    whole server's, so such a mutant runs alone. `focus` are the only endpoints that it concerns."""

    kind: str
    what: str
    sql: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    change: Callable[[], Callable[[], None]] | None = None
    focus: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.kind}: {self.what}"

    @property
    def returns(self) -> bool:
        """Whether one process can try it and go on to the next."""
        return bool(self.back) or self.change is not None


UNCHANGED = Mutant("none", "nothing taken away")
Mutants = Iterator[Mutant]
