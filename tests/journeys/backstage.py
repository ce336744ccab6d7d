"""The provider's part of a request, by its forms: for stories of the client's side alone."""

import re
import time
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

    def decide(self) -> None:
        """Every proposal that the files brought, once they are read; nothing where there is none."""
        slug, number = re.fullmatch(r"/c/([^/]+)/requests/(\d+)", self.path).groups()  # type: ignore[union-attr]
        end = time.monotonic() + 60
        while True:
            found = self.people.system.rows(
                "SELECT c.state, (SELECT count(*) FROM matches m WHERE m.tenant_id = c.tenant_id"
                " AND m.control_id = c.id AND m.state = 'proposed')"
                " FROM payment_controls c JOIN requests r ON r.tenant_id = c.tenant_id"
                " AND r.id = c.request_id JOIN tenants t ON t.id = c.tenant_id"
                " WHERE t.slug = %(slug)s AND r.number = %(number)s",
                slug=slug, number=int(number),
            )  # fmt: skip
            if (found and found[0][0] != "reading") or time.monotonic() > end:
                break
            time.sleep(0.2)
        if found and found[0][1]:
            page = f"{self.path}/payment-control"
            self.operator.send(page, "/confirm-all", chosen=f"0-{found[0][1]}")

    def ready_for_approval(self) -> None:
        self.decide()
        self.operator.send(self.path, "/deliverables", file=RESULT, title="Ergebnis")
        self.operator.send(self.path, "/time", minutes="20", activity="Abgleich", billable="0")
        self.operator.send(self.path, "/submit")
        Forms(self.people, self.checks).send(self.path, "/pass")
