"""A sheet of invoices through its pages."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from tests.factories.invoice_batches import HEAD, make_customer
from tests.factories.jobs import run_jobs
from tests.factories.sales_invoices import set_up


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    make_customer(stage, world.a, world.operator_a, 1)
    return stage, world.a, sign_in_as(world.operator_a)


def send(browser: Any, company: Any, *lines: str, **more: Any) -> Any:
    content = "\n".join([HEAD, *lines]).encode()
    return browser.post(
        company.url("sales-invoices/batches/new"),
        data={"client": company.slug, "file": (io.BytesIO(content), "novembre.csv"), **more},
        content_type="multipart/form-data",
    )


def here(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).replace("http://localhost", "")


def test_from_the_sheet_to_the_invoices(desk: Any, world: Any, sign_in_as: Any) -> None:
    stage, a, browser = desk
    assert "From a sheet" in browser.get(a.url("sales-invoices")).text
    page = here(send(browser, a, "A;K1;;Conseil;12;h;95,00;20", "B;K9;;Conseil;1;h;95,00;20"))
    assert 'hx-trigger="every 2s"' in browser.get(page).text
    run_jobs(stage, a.id, name="sales_invoices.read_batch")
    seen = browser.get(page).text
    assert "1 ready, 1 rejected of 2 invoices" in seen
    assert "No customer of the directory has this number." in seen
    assert "N° client:" in browser.get(f"{page}?state=rejected").text
    assert here(browser.post(f"{page}/issue", data={"client": a.slug, "aim": "validate"})) == page
    run_jobs(stage, a.id)
    done = browser.get(page).text
    [invoice] = re.findall(r'sales-invoices/([0-9a-f-]{36})"', done)
    assert "All rules passed" in done
    assert "F-" in browser.get(a.url(f"sales-invoices/{invoice}")).text
    rejected = browser.get(f"{page}/rejected?kind=csv").text
    assert "B;K9" in rejected
    assert "novembre.csv" in browser.get(a.url("sales-invoices/batches")).text
    # The client reads and can't start anything.
    client = sign_in_as(a.user)
    assert "F-" in client.get(page).text
    assert client.post(f"{page}/issue", data={"client": a.slug, "aim": "draft"}).status_code == 403
    assert client.get(a.url("sales-invoices/batches/new")).status_code == 403
    # Another company has no such sheet.
    other = page.replace(f"/c/{a.slug}/", f"/c/{world.b.slug}/")
    assert sign_in_as(world.b.user).get(other).status_code == 404


def test_a_sheet_is_refused_with_a_sentence(desk: Any) -> None:
    stage, a, browser = desk
    url = a.url("sales-invoices/batches/new")
    none = browser.post(url, data={"client": a.slug})
    assert (none.status_code, "Please choose a file." in none.text) == (422, True)
    other = browser.post(url, data={"client": "other", "file": (io.BytesIO(b"x"), "x.csv")})
    assert other.status_code == 409
    page = here(
        browser.post(url, data={"client": a.slug, "file": (io.BytesIO(b"a;b\n1;2"), "x.csv")})
    )
    run_jobs(stage, a.id, name="sales_invoices.read_batch")
    assert "The headings of this sheet lack something" in browser.get(page).text
    assert here(browser.post(f"{page}/drop", data={"client": a.slug})) == page
    again = browser.post(f"{page}/issue", data={"client": a.slug, "aim": "draft"})
    assert again.status_code == 409


def test_the_template_comes_in_the_readers_language(desk: Any) -> None:
    _, a, browser = desk
    answer = browser.get(a.url("sales-invoices/batches/template?kind=csv"))
    assert "Price of one before VAT" in answer.text
    assert browser.get(a.url("sales-invoices/batches/template?kind=exe")).status_code == 404


def test_a_sheet_that_makes_nothing_says_so(desk: Any) -> None:
    stage, a, browser = desk
    page = here(send(browser, a, "B;K9;;Conseil;1;h;95,00;20"))
    run_jobs(stage, a.id, name="sales_invoices.read_batch")
    refused = browser.post(f"{page}/issue", data={"client": a.slug, "aim": "validate"})
    assert (refused.status_code, "No invoice of this sheet can be made." in refused.text) == (
        422, True)  # fmt: skip
