"""Sheets of invoices for programs."""

from __future__ import annotations

import io
from typing import Any

from tests.factories.invoice_batches import HEAD, make_customer
from tests.factories.jobs import run_jobs
from tests.factories.people import make_member
from tests.factories.sales_invoices import set_up

URL = "/api/v1/sales-invoice-batches"
SCOPES = ["sales_invoices:read", "sales_invoices:write"]


def sheet(*lines: str) -> dict[str, Any]:
    content = "\n".join([HEAD, *lines]).encode()
    return {"data": {"file": (io.BytesIO(content), "factures.csv")}}


def test_a_program_sends_looks_and_issues(stage: Any, world: Any, api_as: Any) -> None:
    a, operator = world.a, world.operator_a
    set_up(stage, a, operator)
    make_customer(stage, a, operator, 1)
    program = api_as(operator, a, scopes=SCOPES)
    lines = ["1;K1;;Conseil;2;h;95,00;20", "2;K9;;Conseil;1;h;95,00;20"]
    sent = program.post(URL, **sheet(*lines))
    assert (sent.status_code, sent.json["state"]) == (201, "reading")
    place = sent.headers["Location"]
    assert program.post(f"{place}/issue", json={}).status_code == 409
    run_jobs(stage, a.id)
    seen = program.get(place).json
    assert [seen[name] for name in ("state", "invoices_in", "ready", "rejected")] == [
        "read",
        2,
        1,
        1,
    ]
    [bad] = program.get(f"{place}/rows?state=rejected").json["items"]
    [reason] = bad["reasons"]
    assert (bad["reference"], reason["line"], reason["column"]) == ("2", 3, "N° client")
    assert (bad["gross"], bad["invoice_id"]) == (None, None)
    wrong = program.post(f"{place}/issue", json={"aim": "send"})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["aim"])
    assert program.post(f"{place}/issue", json={}).status_code == 202
    run_jobs(stage, a.id)
    done = program.get(place).json
    assert [done[name] for name in ("state", "made", "rejected", "ready")] == ["done", 1, 1, 0]
    [made] = program.get(f"{place}/rows?state=made").json["items"]
    assert made["gross"] == {"amount": "228.00", "currency": "EUR"}
    assert (made["invoice_state"], made["file"], made["number"] != "") == (
        "validated",
        "valid",
        True,
    )
    invoice = program.get(f"/api/v1/sales-invoices/{made['invoice_id']}").json
    assert invoice["number"] == made["number"]
    assert program.post(f"{place}/drop").status_code == 409
    again = program.post(URL, **sheet(*lines)).headers["Location"]
    run_jobs(stage, a.id)
    assert program.get(again).json["rejected"] == 2
    assert program.post(f"{again}/drop").json["state"] == "dropped"
    assert [one["state"] for one in program.get(URL).json["items"]] == ["dropped", "done"]


def test_what_is_no_sheet_is_refused_in_words(stage: Any, world: Any, api_as: Any) -> None:
    set_up(stage, world.a, world.operator_a)
    program = api_as(world.operator_a, world.a, scopes=SCOPES)
    place = program.post(URL, data={"file": (io.BytesIO(b"a;b\n1;2"), "x.csv")}).headers["Location"]
    run_jobs(stage, world.a.id)
    seen = program.get(place).json
    assert (seen["state"], seen["problem"] != "") == ("refused", True)
    assert program.post(f"{place}/issue", json={}).status_code == 409


def test_others_find_no_sheet(stage: Any, world: Any, api_as: Any) -> None:
    a = world.a
    set_up(stage, a, world.operator_a)
    program = api_as(world.operator_a, a, scopes=SCOPES)
    place = program.post(URL, **sheet("1;K1;;x;1;h;1,00;20")).headers["Location"]
    assert program.post(f"{URL}?request=999999", **sheet()).status_code == 404
    strangers = (
        api_as(world.operator_b, world.b, scopes=SCOPES),
        api_as(make_member(stage, a, key="hr_only", lines=("hr",)), scopes=SCOPES),
    )
    for program in strangers:
        for path in (place, f"{place}/rows"):
            assert program.get(path).status_code == 404
    for verb in ("issue", "drop"):
        assert strangers[0].post(f"{place}/{verb}", json={}).status_code == 404
    reader = api_as(world.operator_a, a, scopes=["sales_invoices:read"])
    assert reader.get(place).status_code == 200
    assert reader.post(f"{place}/issue", json={}).status_code == 403
