"""The provider's part of a request, by its forms: for stories of the client's side alone."""

from dataclasses import dataclass, field

from tests.journeys.furnishing import Forms
from tests.journeys.story import OPERATOR, SUPERVISOR
from tests.journeys.visits import People

RESULT = {"name": "ergebnis.txt", "mimeType": "text/plain", "buffer": b"Alles stimmt.\n"}


@dataclass
class Backstage:
    people: People
    path: str
    who: str = OPERATOR
    checks: str = SUPERVISOR
    operator: Forms = field(init=False)

    def __post_init__(self) -> None:
        self.operator = Forms(self.people, self.who)

    def ask(self, question: str) -> None:
        self.operator.send(self.path, "/start")
        self.operator.send(self.path, "/questions", body=question)

    def ready_for_approval(self) -> None:
        self.operator.send(self.path, "/deliverables", file=RESULT, title="Ergebnis")
        self.operator.send(self.path, "/time", minutes="20", activity="Abgleich", billable="0")
        self.operator.send(self.path, "/submit")
        Forms(self.people, self.checks).send(self.path, "/pass")
