"""A payment control with its people and browsers, for tests through the pages."""

import re
from datetime import date
from io import BytesIO
from typing import Any, Self

from app.finance.demo_files import Customer, demo_files
from app.finance.presenting import files_mark
from app.finance.queries import get_control
from app.service_requests.queries import get_request
from app.service_requests.services.intake import Upload, raise_request
from app.service_requests.services.work import start_work
from tenants.core import clock
from tests.factories import acting
from tests.factories.jobs import run_jobs

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
CUSTOMERS = [
    Customer("Boulangerie Martin SARL", "FR7630006000011234567890189"),
    Customer("Mühle Schneider GmbH", "DE89370400440532013000"),
    Customer("Traiteur Lacroix SAS", "FR1420041010050500013M02606"),
    Customer("Bäckerei Vogt e.K.", "DE02120300000000202051"),
    Customer("Hôtel du Lac SA", "FR7610107001011234567890129"),
    Customer("Kantine Nord GmbH & Co. KG", "DE02500105170137075030"),
]


def uploads(seed: int = 7, statement: bytes | None = None) -> list[Upload]:
    made = demo_files(
        company="Test SARL", iban="FR7630006000011234567890189", customers=CUSTOMERS,
        seed=seed, month=date(2026, 10, 1),
    )  # fmt: skip
    return [
        Upload("open_items", "open.csv", "text/csv", made.open_items_csv),
        Upload("statement", "october.xml", "application/xml", statement or made.statement_xml),
    ]


def off_by_a_lot() -> bytes:
    """A statement whose closing balance is 1.00."""
    head, mark, tail = uploads()[1].content.partition(b"<Cd>CLBD</Cd>")
    return head + mark + re.sub(rb'(<Amt Ccy="EUR">)[^<]+', rb"\g<1>1.00", tail, count=1)


class Desk:
    """One company's payment control, seen by its user and by an operator."""

    def __init__(self, stage: Any, world: Any, sign_in_as: Any) -> None:
        self.stage, self.world, self.sign_in_as = stage, world, sign_in_as
        self.company = world.a
        self.operator, self.client = sign_in_as(world.operator_a), sign_in_as(world.a.user)
        self.number = 0

    @property
    def request_url(self) -> str:
        return str(self.company.url(f"requests/{self.number}"))

    @property
    def url(self) -> str:
        return f"{self.request_url}/payment-control"

    def raised(self, files: list[Upload] | None = None) -> Self:
        user = self.world.a.user
        with acting(self.stage, user.scope()):
            request = raise_request(
                actor=user.actor(), now=clock.now(), item_code="payment_control",
                values={"period": "2026-10", "details": ""}, uploads=files or uploads(),
            )  # fmt: skip
            self.number, self.request_id = request.number, request.id
        run_jobs(self.stage, self.company.id)
        return self

    def started(self) -> Self:
        person = self.world.operator_a
        actor = person.actor(self.company)
        with acting(self.stage, person.scope(self.company)):
            request = get_request(actor=actor, number=self.number)
            start_work(request=request, actor=actor, now=clock.now())
        return self

    def form(self, **more: Any) -> dict[str, Any]:
        with acting(self.stage, self.company.scope):
            mark = files_mark(get_control(request_id=self.request_id))
        return {"client": self.company.slug, "files": mark, **more}

    def post(self, path: str, *, view: str = "all", **data: Any) -> Any:
        page = {"HX-Current-URL": f"http://localhost{self.url}?view={view}"}
        return self.operator.post(
            f"{self.url}/{path}", data={**self.form(), **data}, headers={**HTMX, **page}
        )

    def send(self, slot: str, content: bytes, *, client: str | None = None) -> Any:
        """As the client's user, through the panel's form."""
        sent = {"client": client or self.company.slug, slot: (BytesIO(content), f"{slot}.dat")}
        return self.client.post(
            f"{self.url}/files/{slot}", data=sent, headers=HTMX,
            content_type="multipart/form-data",
        )  # fmt: skip

    def confirm_everything(self) -> None:
        count = len(self.matches("proposed"))
        answer = self.post("confirm-all", chosen=f"0-{count}")
        assert answer.status_code == 200, answer.text

    def matches(self, state: str) -> list[Any]:
        """Lines that pay one item alone come first."""
        return list(
            self.stage.rows(
                "SELECT id, line_id, item_id, amount, rule FROM matches m WHERE tenant_id = :t"
                " AND state = :s ORDER BY (SELECT count(*) FROM matches o"
                " WHERE o.tenant_id = m.tenant_id AND o.line_id = m.line_id), id",
                t=self.company.id, s=state,
            )
        )  # fmt: skip

    @staticmethod
    def rows(page: str) -> int:
        """Lines or items in a page's list."""
        return page.count('<li class="line ') + page.count('<td class="lead">')
