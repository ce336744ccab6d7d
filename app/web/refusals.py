"""What is written down although the request is refused and its own transaction rolls back."""

from collections.abc import Callable, Sequence

from flask import g

Note = Callable[[], None]


def keep(note: Note) -> None:
    """The edge runs `note` in a short transaction of its own once this request's is over. It enters
    its own scope."""
    g.setdefault("kept_notes", []).append(note)


def taken() -> Sequence[Note]:
    """For the edge: each is handed over once."""
    notes: Sequence[Note] = g.pop("kept_notes", ())
    return notes
