"""The palette of a company's people: what they may see of their own company, and nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.factories import make_member
from tests.factories.documents import make_document
from tests.factories.invoices import make_invoice
from tests.factories.lifecycle import attach, make_request
from tests.factories.sales_invoices import make_invoice as make_sales_invoice
from tests.factories.sales_invoices import set_up
from tests.finance.sales_invoices.test_pages import make_customer
from tests.service_requests.browsing import HTMX, pdf, send


def ask(browser: Any, company: Any, words: str) -> list[tuple[str, str]]:
    """Address and words of what is offered, in order."""
    page = browser.get(company.url("find"), query_string={"q": words}, headers=HTMX)
    assert page.status_code == 200, page.text
    assert "<html" not in page.text
    found = re.findall(r'class="palette-item" href="([^"]+)">.*?<span>(.*?)</span>', page.text)
    return [(url.replace("&amp;", "&"), said) for url, said in found]


def urls(browser: Any, company: Any, words: str) -> list[str]:
    return [url for url, _ in ask(browser, company, words)]


def test_a_pasted_number_opens_its_request(world: Any, stage: Any, sign_in_as: Any) -> None:
    make_request(stage, world.b)
    made = make_request(stage, world.a)
    user = sign_in_as(world.a.user)
    for typed in (f"{made.number}", f"#{made.number}", f"{world.a.code}-{made.number}"):
        assert urls(user, world.a, typed)[0] == made.url, typed
    assert made.url not in urls(user, world.a, f"{world.b.code}-{made.number}")
    assert made.url not in urls(user, world.a, "999999")


def test_titles_messages_and_files_of_ones_own_lines(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    titled = make_request(stage, world.a, title="Rent of the north hall")
    said = make_request(stage, world.a)
    hr = make_request(stage, world.a, item="hr_question", title="Rent of a car")
    theirs = make_request(stage, world.b, title="Rent of theirs")
    user = sign_in_as(world.a.user)
    send(stage, user, said, "messages", body="about the rent", files=pdf(name="lease.pdf"))
    send(stage, sign_in_as(world.operator_a), titled, "notes", body="lease is a secret word")
    found = urls(user, world.a, "Rent")
    assert {titled.url, said.url, hr.url} <= set(found)
    assert theirs.url not in found
    finance = sign_in_as(world.a.people["finance_only"])
    assert hr.url not in urls(finance, world.a, "Rent")
    assert [url for url, label in ask(user, world.a, "lease") if label == "lease.pdf"] == [said.url]
    assert titled.url not in urls(user, world.a, "lease"), "notes are nobody's to search"


def test_a_request_without_words_of_its_own_is_found_by_its_kind(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    made = make_request(stage, world.a, item="payment_control")
    assert made.url in urls(sign_in_as(world.a.user), world.a, "payment con")
    only_hr = make_member(stage, world.a, key="only_hr", lines=("hr",))
    assert made.url not in urls(sign_in_as(only_hr), world.a, "payment con")


def test_a_result_is_found_once_it_is_handed_over(world: Any, stage: Any, sign_in_as: Any) -> None:
    draft = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    attach(stage, draft, world.operator_a)
    done = make_request(stage, world.a, state="delivered", operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip
    found = urls(sign_in_as(world.a.user), world.a, "report.pdf")
    assert done.url in found
    assert draft.url not in found


def test_invoices_for_those_who_read_them(world: Any, stage: Any, sign_in_as: Any) -> None:
    number = make_invoice(stage, world.a)
    page = world.a.url(f"subscription/invoices/{number}")
    assert page in urls(sign_in_as(world.a.admin), world.a, number.lower())
    assert page not in urls(sign_in_as(world.a.user), world.a, number)
    assert not [url for url in urls(sign_in_as(world.b.admin), world.b, number) if "subs" in url]


def test_an_open_item_by_its_number(world: Any, stage: Any, sign_in_as: Any) -> None:
    made = make_request(stage, world.a, item="payment_control")
    stage.run(
        "INSERT INTO payment_controls (tenant_id, request_id, created_at)"
        " VALUES (:t, :r, now())", t=world.a.id, r=made.id,
    )  # fmt: skip
    _item(stage, made, "F-2026-17")
    assert f"{made.url}/payment-control/items?q=F-2026-17" in urls(
        sign_in_as(world.a.user), world.a, "F-2026-17"
    )
    only_hr = make_member(stage, world.a, key="only_hr", lines=("hr",))
    assert not [one for one in urls(sign_in_as(only_hr), world.a, "F-2026-17") if "items" in one]


def _item(stage: Any, made: Any, number: str) -> None:
    stage.run(
        "INSERT INTO open_items (tenant_id, control_id, line, number, customer, issued_on, due_on,"
        " currency, amount, open_amount) SELECT tenant_id, id, 1, :n, 'A customer', now(), now(),"
        " 'EUR', 100, 100"
        " FROM payment_controls WHERE tenant_id = :t AND request_id = :r",
        n=number, t=made.company.id, r=made.id,
    )  # fmt: skip


def test_places_are_those_of_ones_rights(world: Any, sign_in_as: Any) -> None:
    user, admin = sign_in_as(world.a.user), sign_in_as(world.a.admin)
    assert world.a.url("people") in urls(admin, world.a, "")
    assert world.a.url("people") not in urls(user, world.a, "")
    assert urls(user, world.a, "New request: question about finance") or urls(user, world.a, "new")
    only = sign_in_as(world.a.people["finance_only"])
    assert not [url for url in urls(only, world.a, "new request") if "/hr_" in url]
    assert [url for url in urls(user, world.a, "new request") if "/new/" in url]


@pytest.mark.parametrize("words", ["%", "_", "\\", "\0", "²", "a" * 500, "'; --", "<b>"])
def test_any_text_is_only_text(world: Any, stage: Any, sign_in_as: Any, words: str) -> None:
    make_request(stage, world.a, title="ordinary")
    assert not [
        one for one in ask(sign_in_as(world.a.user), world.a, words) if "ordinary" in one[1]
    ]


def test_every_page_of_a_company_has_it_and_it_works_without_a_script(
    world: Any, stage: Any, sign_in_as: Any
) -> None:
    made = make_request(stage, world.a)
    user = sign_in_as(world.a.user)
    assert f'hx-get="{world.a.url("find")}"' in user.get(made.url).text
    page = user.get(world.a.url("find"), query_string={"q": str(made.number)}).text
    assert "<html" in page
    assert f'href="{made.url}"' in page
    operator = sign_in_as(world.operator_a)
    assert 'hx-get="/desk/palette"' in operator.get(made.url).text
    assert operator.get(world.a.url("find?q=1")).location.startswith("/desk/palette")
    assert user.get(world.b.url("find?q=1")).status_code == 404


def test_documents_invoices_and_the_directory(world: Any, stage: Any, sign_in_as: Any) -> None:
    a = world.a
    number = make_document(stage, a, title="Lease of the hall")
    make_document(stage, a, title="Lease of a person", kind="payslip")
    make_document(stage, world.b, title="Lease of theirs")
    set_up(stage, a, world.operator_a)
    invoice = make_sales_invoice(stage, a, world.operator_a)
    party = make_customer(stage, a, world.operator_a, name="Leasing Nord")
    finance = sign_in_as(a.people["finance_only"])
    found = dict(ask(finance, a, "leas"))
    assert found == {
        a.url(f"documents/{number}"): "Lease of the hall", a.url("directory/1"): "Leasing Nord",
    }, party  # fmt: skip
    assert a.url(f"documents/{number}") in urls(finance, a, str(number))
    [(url, said)] = ask(finance, a, "F-2")
    assert url == a.url(f"sales-invoices/{invoice}")
    assert said.endswith("Atelier Vert SAS")
    elsewhere = sign_in_as(make_member(stage, a, key="hr_only", lines=("hr",)))
    assert urls(elsewhere, a, "leas") == [a.url("documents/2")]
    assert urls(elsewhere, a, "F-2") == []
