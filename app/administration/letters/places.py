"""As which result of its request a letter is attached: each has a place of its own, in which its
corrected versions follow each other."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.administration.letters.models import Letter
from app.administration.letters.queries import list_documents
from app.documents.queries import list_hashes
from app.service_requests.catalogue import item_of
from app.service_requests.models import Deliverable, ServiceRequest
from app.service_requests.queries import list_all

RESULT = "letter"


@dataclass(frozen=True, slots=True)
class Place:
    """`kind` is empty for a file that stands beside the item's results, under its name."""

    kind: str
    name: str


def place_of(letter: Letter, request: ServiceRequest) -> Place:
    """Where it lies already; the first one is the result of its item, the others lie beside it."""
    made_of = list_hashes(document_ids=list_documents(request_id=request.id))
    rows = list_all(model=Deliverable, request=request)
    last = {row.kind: made_of.get(row.sha256) for row in sorted(rows, key=lambda one: one.version)}
    taken = {row.kind for row in rows if row.sha256 in made_of}
    places = list(_places(letter, request, 2 + len(last)))
    for one in places:
        if letter.document_id is not None and last.get(_kind(one)) == letter.document_id:
            return one
    return next(
        one for one in places if _kind(one) not in taken and (one.kind or _kind(one) not in last)
    )


def _places(letter: Letter, request: ServiceRequest, most: int) -> Iterator[Place]:
    name = f"{letter.kind}-{request.number}"
    has_result = RESULT in {one.code for one in item_of(request).results}
    yield Place(RESULT if has_result else "", f"{name}.pdf")
    for number in range(2, most + 2):
        yield Place("", f"{name}-{number}.pdf")


def _kind(place: Place) -> str:
    return place.kind or f"file:{place.name}"
