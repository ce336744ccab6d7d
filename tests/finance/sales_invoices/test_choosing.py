"""Which of a customer's delivery addresses and contacts an invoice takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.directory import queries
from app.directory.services import parts
from app.finance.sales_invoices.queries import get_invoice
from tests.factories import acting
from tests.factories.people import now
from tests.factories.sales_invoices import set_up, validate
from tests.finance.sales_invoices.test_pages import HEAD, base, lines, make_customer


class Counter:
    """A customer with two depots and two contacts, and who writes its invoices."""

    def __init__(self, stage: Any, world: Any, browser: Any) -> None:
        self.stage, self.company, self.operator, self.browser = (
            stage, world.a, world.operator_a, browser,
        )  # fmt: skip
        set_up(stage, world.a, world.operator_a)
        self.customer = make_customer(stage, world.a, world.operator_a)
        town = {"kind": "delivery", "country": "FR"}
        self.lyon = self.add("addresses", town | {"city": "Lyon", "postcode": "69003"})
        self.paris = self.add("addresses", town | {"city": "Paris", "postcode": "75004"})
        self.bob = self.add("contacts", {"name": "Bob", "email": "bob@moulin.example"})

    def part(self, verb: str, kind: str, **more: Any) -> Any:
        with acting(self.stage, self.operator.scope(self.company)):
            return getattr(parts, verb)(
                party=queries.get_party(party_id=UUID(self.customer)), kind=kind,
                expected_version=None, actor=self.operator.actor(self.company), now=now(), **more,
            )  # fmt: skip

    def add(self, kind: str, values: dict[str, Any]) -> Any:
        return self.part("add_part", kind, values=values)

    def sent(self, **more: Any) -> dict[str, Any]:
        return {**HEAD, "customer": self.customer, "client": self.company.slug,
                **lines(("Conseil", "1", "80")), **more}  # fmt: skip

    def write(self, **more: Any) -> str:
        answer = self.browser.post(f"{base(self.company)}/new", data=self.sent(**more))
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    def document(self, url: str) -> dict[str, Any]:
        made = UUID(url.rpartition("/")[2])
        validate(self.stage, self.company, self.operator, made)
        with acting(self.stage, self.operator.scope(self.company)):
            found = get_invoice(invoice_id=made).invoice.document
        assert found
        return found


@pytest.fixture
def counter(stage: Any, world: Any, sign_in_as: Any) -> Counter:
    return Counter(stage, world, sign_in_as(world.operator_a))


def test_the_usual_ones_are_taken_unless_others_are_chosen(counter: Counter) -> None:
    usual = counter.document(counter.write())
    assert usual["delivery"]["address"]["city"] == "Lyon"
    assert usual["buyer"]["contact"] == "Anne Roux"
    chosen = counter.write(delivery=str(counter.paris), contact=str(counter.bob))
    page = counter.browser.get(f"{chosen}/edit").text
    assert f'value="{counter.paris}" selected' in page
    # It stays as it was chosen, whatever becomes of the file.
    counter.part("remove_part", "addresses", part_id=counter.paris)
    again = counter.sent(delivery=str(counter.paris), contact=str(counter.bob), version="1")
    assert counter.browser.post(f"{chosen}/edit", data=again).status_code == 303
    document = counter.document(chosen)
    assert document["delivery"]["address"]["city"] == "Paris"
    assert (document["buyer"]["contact"], document["buyer"]["email"]) == (
        "Bob", "bob@moulin.example",
    )  # fmt: skip
    assert "delivery" not in counter.document(counter.write(delivery="none"))
    gone = counter.browser.post(
        f"{base(counter.company)}/new", data=counter.sent(delivery=str(counter.paris))
    )
    assert (gone.status_code, "no longer in the customer" in gone.text) == (422, True)


def test_an_e_invoice_address_is_one_that_holds_on_the_day(counter: Counter) -> None:
    with acting(counter.stage, counter.operator.scope(counter.company)):
        own = queries.load_parts([UUID(counter.customer)])[UUID(counter.customer)].endpoints[0]
        values = {"scheme": own.scheme, "value": own.value}
        part_id = own.id
    yesterday = now().date() - timedelta(1)
    counter.part("change_part", "endpoints", part_id=part_id,
                 values=values | {"valid_until": yesterday})  # fmt: skip
    counter.add("endpoints", {"scheme": "0225", "value": f"{values['value']}_NEW"})
    document = counter.document(counter.write())
    assert document["buyer"]["electronic_address"]["value"].endswith("_NEW")


def test_another_customers_people_and_places_never_come_along(
    counter: Counter, world: Any, api_as: Any
) -> None:
    other = make_customer(
        counter.stage, counter.company, counter.operator, "Autre Moulin", siren="", vat="",
        endpoint_scheme="", endpoint_value="",
    )  # fmt: skip
    program = api_as(
        world.operator_a, counter.company, scopes=["sales_invoices:read", "sales_invoices:write"]
    )
    place = f"/api/v1/sales-invoices/{counter.write(contact=str(counter.bob)).rpartition('/')[2]}"
    line = {"name": "Conseil", "unit_price": "80", "rate": "20"}

    def sent(customer: Any, **more: Any) -> Any:
        body = {"customer_id": customer, "lines": [line], "contact": str(counter.bob), **more}
        return program.post(place, json=body)

    refused = sent(other)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["contact"])
    refused = sent(other, contact="", delivery=str(counter.paris))
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["delivery"])
    # Its own stay, also when the file no longer has them.
    counter.part("remove_part", "contacts", part_id=counter.bob)
    assert sent(counter.customer).json["contact"] == str(counter.bob)
    for nobody in (sent(None), program.get(place)):
        assert (nobody.json["customer_id"], nobody.json["contact"]) == (None, "")
    assert sent(counter.customer).status_code == 422
    assert sent(other, contact="").json["customer_id"] == other
