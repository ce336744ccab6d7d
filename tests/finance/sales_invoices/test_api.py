"""Sales invoices for programs."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from app.finance.sales_invoices.api_schemas import DraftIn, InvoiceLineIn
from tests.factories.jobs import run_jobs
from tests.factories.people import make_member
from tests.factories.sales_invoices import make_draft, make_invoice, set_up, wish
from tests.finance.sales_invoices.test_pages import make_customer

URL = "/api/v1/sales-invoices"
SCOPES = ["sales_invoices:read", "sales_invoices:write"]


@pytest.fixture
def desk(stage: Any, world: Any, api_as: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    return stage, world.a, api_as(world.operator_a, world.a, scopes=SCOPES)


def draft(customer: str, **changes: Any) -> dict[str, Any]:
    line = {"name": "Conseil", "quantity": "2.5", "unit": "HUR", "unit_price": "80", "rate": "20"}
    return {"customer_id": customer, "lines": [line], **changes}


def test_from_the_draft_to_what_was_sent(desk: Any, world: Any) -> None:
    stage, a, program = desk
    customer = make_customer(stage, a, world.operator_a)
    key = {"Idempotency-Key": "one"}
    made = program.post(URL, json=draft(customer), headers=key)
    assert (made.status_code, made.json["gross"]) == (201, {"amount": "240.00", "currency": "EUR"})
    assert program.post(URL, json=draft(customer), headers=key).json == made.json
    place = made.headers["Location"]
    body = draft(customer, note=a.text("note"))
    assert program.post(place, json=body, headers={"If-Match": '"7"'}).status_code == 412
    changed = program.post(place, json=body, headers={"If-Match": '"1"'})
    assert (changed.json["note"], changed.headers["ETag"]) == (a.text("note"), '"2"')
    key = {"Idempotency-Key": "two"}
    done = program.post(f"{place}/validate", headers=key)
    assert (done.status_code, done.json["state"], done.json["file"]) == (200, "validated", "making")
    again = program.post(f"{place}/validate", headers=key)
    assert (again.json["number"], again.headers["Idempotency-Replayed"]) == (
        done.json["number"],
        "true",
    )
    assert program.post(f"{place}/validate").json["code"] == "not_a_draft"
    assert program.get(f"{place}/pdf").status_code == 404
    assert program.post(f"{place}/send", json={"to": "a@b.example"}).status_code == 409
    run_jobs(stage, a.id)
    page, xml = program.get(f"{place}/pdf"), program.get(f"{place}/xml")
    assert (page.data[:4], page.headers["Slip-Outcome"]) == (b"%PDF", "valid")
    digest = base64.b64encode(hashlib.sha256(xml.data).digest()).decode()
    assert xml.headers["Content-Digest"] == f"sha-256=:{digest}:"
    slip = program.get(f"{place}/slip").json
    assert (slip["outcome"], slip["xml_sha256"]) == ("valid", hashlib.sha256(xml.data).hexdigest())
    assert f"{place}/slip" in page.headers["Link"]
    wrong = program.post(f"{place}/send", json={"to": "nobody"})
    assert (wrong.status_code, wrong.json["pointers"][0]["pointer"]) == (422, "/to")
    sent = program.post(f"{place}/send", json={"to": "anne@moulin.example"}).json
    assert (sent["state"], sent["open"]["amount"]) == ("sent", "240.00")
    disputed = program.post(f"{place}/dispute", json={"reason": "Two hours too many"}).json
    assert (disputed["state"], disputed["disputes"][0]["reason"]) == (
        "disputed",
        "Two hours too many",
    )
    assert program.post(f"{place}/resolve", json={"outcome": "Paid"}).json["state"] == "sent"
    assert program.get(f"{place}/payments").json == {"items": []}
    note = program.post(f"{place}/credit", json={"reason": "Returned", "share": "50"})
    assert (note.json["type"], note.json["gross"]["amount"]) == ("381", "120.00")
    assert program.get(place).json["following"] == [note.json["id"]]
    assert program.post(f"{note.headers['Location']}/delete").status_code == 200
    assert program.get(note.headers["Location"]).status_code == 404


def test_lists_are_filtered_and_paged(desk: Any, world: Any) -> None:
    stage, a, program = desk
    first, second = (make_invoice(stage, a, world.operator_a) for _ in range(2))
    kept = make_draft(stage, a, world.operator_a)
    number = program.get(f"{URL}/{first}").json["number"]

    def found(**query: str) -> list[str]:
        return [one["id"] for one in program.get(URL, query_string=query).json["items"]]

    assert found(view="draft") == [str(kept)]
    assert found(number=number) == [str(first)]
    assert found(since="2999-01-01") == []
    assert found(until="2999-01-01") == [str(second), str(first)]
    assert found(customer_id=str(first)) == []
    page = program.get(f"{URL}?limit=2").json
    assert [one["id"] for one in page["items"]] == [str(kept), str(second)]
    assert [one["id"] for one in program.get(page["next"]).json["items"]] == [str(first)]
    assert program.get(f"{URL}?request=4711").status_code == 404
    names = [one["prefix"] for one in program.get("/api/v1/invoice-series").json["items"]]
    assert names == ["F-{year}-", "A-{year}-"]


def test_refusals_name_the_place(desk: Any, world: Any) -> None:
    stage, a, program = desk
    foreign = make_customer(stage, world.b, world.operator_b)
    for wrong, field in (
        (draft(foreign), "customer_id"),
        (draft(foreign, customer_id=None, request=4711), "request"),
        (draft(foreign, customer_id=None, series_id=foreign), "series_id"),
        (draft(foreign, customer_id=None, deposits=[foreign]), "deposits.0"),
        ({"lines": [{"name": "x", "unit_price": "1"}]}, "lines.0.rate"),
        ({"lines": [{"name": "x", "unit_price": "1e3", "rate": "20"}]}, "lines.0.unit_price"),
    ):
        refused = program.post(URL, json=wrong)
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field])
    customer = make_customer(stage, a, world.operator_a)
    body = draft(customer)
    body["lines"] *= 2
    body["lines"][1] = body["lines"][1] | {"rate": "21"}
    made = program.post(URL, json=body)
    assert [one["pointer"] for one in made.json["problems"]] == ["/lines/1/rate"]
    refused = program.post(f"{made.headers['Location']}/validate")
    assert (refused.status_code, refused.json["code"]) == (422, "invoice_not_complete")
    assert list(refused.json["errors"]) == ["lines.1.rate"]


def test_a_draft_is_sent_back_as_it_was_read(desk: Any, world: Any) -> None:
    stage, a, program = desk
    customer = make_customer(stage, a, world.operator_a)
    place = program.post(URL, json=draft(customer)).headers["Location"]
    _sent_back(program, place)
    for kind in ("381", "384"):
        refused = program.post(place, json=draft(customer, type=kind))
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["type"])
        refused = program.post(URL, json=draft(customer, type=kind))
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["type"])
    assert program.post(f"{place}/validate").status_code == 200
    run_jobs(stage, a.id)
    assert program.post(f"{place}/send", json={"handed_over": True}).json["state"] == "sent"
    for way, kind in (("credit", "381"), ("correct", "384")):
        made = program.post(f"{place}/{way}", json={"reason": "Wrong"} if way == "credit" else None)
        assert (made.status_code, made.json["type"]) == (201, kind), made.json
        assert _sent_back(program, made.headers["Location"]) == kind
        assert program.post(f"{made.headers['Location']}/delete").status_code in (200, 204)


def _sent_back(program: Any, place: str) -> str:
    read = program.get(place).json
    known = {name: read[name] for name in DraftIn().fields if name in read}
    known["lines"] = [
        {name: one[name] for name in InvoiceLineIn().fields if name in one} for one in read["lines"]
    ]
    answer = program.post(place, json=known)
    assert answer.status_code == 200, answer.json
    after = answer.json
    assert {**after, "version": 0} == {**read, "version": 0}
    return str(after["type"])


def test_a_company_reads_its_own_and_nobody_elses(desk: Any, world: Any, api_as: Any) -> None:
    stage, a, _ = desk
    made = make_invoice(stage, a, world.operator_a, wish(a, note=a.text("note")))
    own = api_as(world.a.user, scopes=SCOPES)
    assert own.get(f"{URL}/{made}").json["note"] == a.text("note")
    assert own.post(f"{URL}/{made}/send", json={"handed_over": True}).status_code == 403
    elsewhere = make_member(stage, a, key="hr_only", lines=("hr",))
    for person in (world.b.user, elsewhere):
        other = api_as(person, scopes=SCOPES)
        assert other.get(f"{URL}/{made}").status_code == 404
    assert api_as(world.a.user, scopes=["invoices:read"]).get(URL).status_code == 403


def test_reading_takes_few_statements(desk: Any, world: Any, count_statements: Any) -> None:
    stage, a, program = desk
    for _ in range(3):
        make_invoice(stage, a, world.operator_a)
    with count_statements() as few:
        program.get(f"{URL}?limit=1")
    with count_statements() as many:
        assert len(program.get(URL).json["items"]) == 3
    assert len(few) == len(many)
