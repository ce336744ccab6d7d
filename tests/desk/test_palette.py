"""The palette: numbers, names, words and places, over one's own clients and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.service_requests.queries import get_request
from app.service_requests.services import conversation
from app.web.palette import wanted
from tests.factories import acting
from tests.factories.documents import make_document
from tests.factories.lifecycle import make_request
from tests.factories.people import now
from tests.factories.sales_invoices import make_invoice as make_sales_invoice
from tests.factories.sales_invoices import set_up
from tests.finance.sales_invoices.test_pages import make_customer


def ask(browser, words: str) -> list[tuple[str, str]]:
    """Address and words of what is offered, in order."""
    page = browser.get("/desk/palette", query_string={"q": words})
    assert page.status_code == 200, page.text
    found = re.findall(r'class="palette-item" href="([^"]+)">.*?<span>(.*?)</span>', page.text)
    return [(url.replace("&amp;", "&"), said) for url, said in found]


def first(browser, words: str) -> str:
    return ask(browser, words)[0][0]


@given(st.text(max_size=200))
def test_any_text_means_something(text):
    found = wanted(text)
    assert found.number is None or found.words == ()
    assert all(len(word) >= 5 for word in found.words)


def test_a_number_opens_its_request(world, stage, sign_in_as):
    make_request(stage, world.b, title="Of Beta")
    made = make_request(stage, world.a, title="Of Alpha")
    for _ in range(made.number - 1):
        make_request(stage, world.b)
    browser = sign_in_as(world.operator_both)
    assert first(browser, f"{world.a.code}-{made.number}") == made.url
    assert first(browser, f"{world.a.code.lower()}-{made.number}") == made.url
    for typed in (f"#{made.number}", f" {made.number} "):
        assert made.url in [url for url, _ in ask(browser, typed)]
    assert made.url not in [url for url, _ in ask(sign_in_as(world.operator_b), f"{made.number}")]


def test_a_closed_request_is_found_by_its_number(world, stage, sign_in_as):
    made = make_request(
        stage, world.a, state="closed", operator=world.operator_a, reviewer=world.supervisor
    )
    assert made.url in [url for url, _ in ask(sign_in_as(world.operator_a), str(made.number))]


def test_a_client_by_name_or_code_with_its_command(world, sign_in_as):
    browser = sign_in_as(world.operator_a)
    for typed in (world.a.code, world.a.name[:6].upper()):
        found = dict(ask(browser, typed))
        assert f"/desk?client={world.a.slug}" in found
        assert f"/c/{world.a.slug}/requests/new" in found
    assert world.b.slug not in str(ask(browser, world.b.name))


def test_words_of_titles_and_messages_but_never_of_notes(world, stage, sign_in_as):
    made = make_request(stage, world.a, title="Invoice of the blacksmith")
    talked = make_request(stage, world.a, title="Another matter")
    foreign = make_request(stage, world.b, title="The blacksmith of Beta")
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        request = get_request(actor=actor, number=talked.number)
        conversation.send_message(
            request=request, actor=actor, now=now(), body="The Blacksmith called.", uploads=[]
        )
        conversation.add_note(request=request, actor=actor, now=now(), body="An ostrich, he said.")
    browser = sign_in_as(world.operator_a)
    assert [url for url, _ in ask(browser, "blacksmith")] == [made.url, talked.url]
    assert [url for url, _ in ask(browser, "smith voice")] == [made.url]
    assert ask(browser, "ostrich") == []
    assert ask(browser, "black_mith") == ask(browser, "%%%") == []
    both = [url for url, _ in ask(sign_in_as(world.operator_both), "blacksmith")]
    assert foreign.url in both
    assert ask(sign_in_as(world.operator_none), "blacksmith") == []
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u", u=world.operator_a.id)
    assert ask(browser, "blacksmith") == []


def test_of_very_many_the_newest_come_first(world, stage, sign_in_as):
    """The newest was written first, so that no order of the rows finds it by chance."""
    made = make_request(stage, world.a, title="The blacksmith")
    talked = make_request(stage, world.a, title="Another matter")
    stage.run("UPDATE requests SET raised_at = now() + interval '1 day' WHERE id IN (:a, :b)",
              a=made.id, b=talked.id)  # fmt: skip
    many(stage, made, 250)
    stage.run(
        "INSERT INTO client_messages (tenant_id, request_id, at, author_name, author_side, body)"
        " SELECT r.tenant_id, r.id, now(), 'A', 'client', 'The goldsmith'"
        " FROM requests r, generate_series(1, CASE WHEN r.id = :r THEN 1 ELSE 2 END)"
        " WHERE r.tenant_id = :t AND r.id <> :m ORDER BY r.raised_at",
        t=world.a.id, r=talked.id, m=made.id,
    )  # fmt: skip
    browser = sign_in_as(world.operator_a)
    assert first(browser, "blacksmith") == made.url
    found = [url for url, _ in ask(browser, "goldsmith")]
    assert found[0] == talked.url
    assert len(found) == len(set(found)) == 8


def many(stage, made, count):
    """Older ones with the same title."""
    names = [
        row.column_name
        for row in stage.rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'requests'"
            " AND column_name NOT IN ('id', 'number', 'raised_at')"
        )
    ]
    columns = ", ".join(names)
    stage.run(
        f"INSERT INTO requests (number, raised_at, {columns})"
        f" SELECT 1000 + n, now() - n * interval '1 hour', {columns}"
        " FROM requests, generate_series(1, :count) n WHERE id = :r",
        r=made.id, count=count,
    )  # fmt: skip


def test_only_lines_of_the_grant(world, stage, sign_in_as):
    from tests.factories import make_grant, make_staff

    make_request(stage, world.a, title="The blacksmith")
    nora = make_staff(stage, name="Nora")
    make_grant(stage, world.a, nora, lines=("hr",))
    assert ask(sign_in_as(nora), "blacksmith") == []


@pytest.mark.parametrize(
    ("typed", "url"),
    [("my desk", "/desk/views"), ("text mod", "/desk/texts"), ("overdue", "/desk?view=overdue")],
)
def test_places(world, sign_in_as, typed, url):
    assert first(sign_in_as(world.operator_a), typed) == url


def test_nothing_typed_shows_where_to_go(world, sign_in_as):
    found = [url for url, _ in ask(sign_in_as(world.operator_a), "")]
    assert "/desk/views" in found
    assert "/desk?view=mine" in found


def test_it_takes_few_statements(world, stage, sign_in_as, count_statements):
    make_request(stage, world.a, title="The blacksmith")
    browser = sign_in_as(world.operator_both)
    for typed in ("blacksmith", "1", "#1", world.a.code):
        with count_statements() as found:
            browser.get("/desk/palette", query_string={"q": typed})
        assert len(found) <= 5, list(found)


def test_an_invoice_number_opens_its_payment_control(world, stage, sign_in_as):
    made = make_request(stage, world.a, item="payment_control")
    control = stage.value(
        "INSERT INTO payment_controls (tenant_id, request_id, created_at) VALUES (:t, :r, now())"
        " RETURNING id", t=world.a.id, r=made.id,
    )  # fmt: skip
    stage.run(
        "INSERT INTO open_items (tenant_id, control_id, line, number, customer, issued_on, due_on,"
        " currency, amount, open_amount) VALUES (:t, :c, 1, 'F-88213', 'X', '2026-10-01',"
        " '2026-10-31', 'EUR', 100, 100)", t=world.a.id, c=control,
    )  # fmt: skip
    assert first(sign_in_as(world.operator_a), "F-88213").startswith(f"{made.url}/payment-control")
    assert ask(sign_in_as(world.operator_b), "F-88213") == []


def test_documents_invoices_and_parties_of_open_clients(world, stage, sign_in_as):
    a = world.a
    number = make_document(stage, a, title="Lease of the hall")
    make_document(stage, world.b, title="Lease of theirs")
    set_up(stage, a, world.operator_a)
    made = make_sales_invoice(stage, a, world.operator_a)
    make_customer(stage, a, world.operator_a, name="Leasing Nord")
    invoice = stage.value("SELECT number FROM sales_invoices WHERE id = :i", i=made)
    browser = sign_in_as(world.operator_a)
    assert sorted(ask(browser, "leas")) == [
        (a.url("directory/1"), "Leasing Nord"), (a.url(f"documents/{number}"), "Lease of the hall"),
    ]  # fmt: skip
    assert a.url(f"documents/{number}") in dict(ask(browser, str(number)))
    assert first(browser, invoice.lower()) == a.url(f"sales-invoices/{made}")
    assert ask(browser, "le%e") == []
    assert [one for one in ask(sign_in_as(world.operator_b), "leas") if a.slug in one[0]] == []
    stage.run("UPDATE grants SET line = 'hr' WHERE user_id = :u", u=world.operator_a.id)
    assert ask(browser, "leas") == ask(browser, invoice) == []
