"""Payment control through its pages: who may do what, and what each act leaves behind."""

import csv
import io
import os
import re
from pathlib import Path
from typing import Any

import pytest

from app.finance.reject_csv import guarded
from tests.factories import Person, Stage, make_grant, make_staff
from tests.factories.jobs import run_jobs
from tests.finance.control import CUSTOMERS, HTMX, Desk, off_by_a_lot, uploads

SAMPLES = os.environ.get("COULISSE_SAMPLES", "")


@pytest.fixture
def desk(stage: Stage, world: Any, sign_in_as: Any) -> Desk:
    return Desk(stage, world, sign_in_as).raised().started()


def test_the_panel_counts_what_came_in_and_every_figure_opens_its_list(desk: Desk) -> None:
    for browser in (desk.operator, desk.client):
        page = browser.get(desk.request_url).text
        links = re.findall(rf'<a href="({desk.url}[^"]*)">[^<]*<strong>([\d,]+)', page)
        assert len(links) == 7
        for link, shown in links:
            found = browser.get(link.replace("&amp;", "&"))
            assert found.status_code == 200
            if "rejects" not in link:
                assert desk.rows(found.text) == min(int(shown), 50), link


def test_the_client_reads_but_does_not_act(desk: Desk) -> None:
    page = desk.client.get(desk.url)
    assert page.status_code == 200
    assert "/confirm" not in page.text
    assert "Being checked" in page.text
    assert "in the text" not in page.text, "proposals stay with the provider until confirmed"
    for path in ("items", "rejects", "rejects.csv"):
        assert desk.client.get(f"{desk.url}/{path}").status_code == 200
    match = desk.matches("proposed")[0]
    for path in (f"matches/{match.id}/confirm", f"lines/{match.line_id}/match", "confirm-all",
                 "report", "accept"):  # fmt: skip
        assert desk.client.post(f"{desk.url}/{path}", data=desk.form()).status_code == 403
    assert desk.matches("proposed")[0] == match


def test_confirmed_matches_are_shown_to_the_client(desk: Desk) -> None:
    match = desk.matches("proposed")[0]
    desk.post(f"matches/{match.id}/confirm")
    page = desk.client.get(f"{desk.url}?view=confirmed").text
    assert desk.rows(page) == 1
    assert "Confirmed by" in page


def test_others_do_not_see_it_at_all(desk: Desk, stage: Stage, world: Any) -> None:
    without_finance = make_staff(stage, name="Nora")
    make_grant(stage, world.a, without_finance, lines=("hr",))
    match = desk.matches("proposed")[0]
    for person in (world.operator_b, world.operator_none, world.b.user, without_finance):
        browser = desk.sign_in_as(person)
        assert browser.get(desk.url).status_code == 404, person.name
        answer = browser.post(f"{desk.url}/matches/{match.id}/confirm", data=desk.form())
        assert answer.status_code in (403, 404), person.name
        assert browser.get(f"{desk.url}/rejects.csv").status_code == 404
    assert desk.matches("proposed")[0] == match


def test_a_request_of_another_kind_has_no_workbench(desk: Desk, stage: Stage, world: Any) -> None:
    from tests.factories.lifecycle import make_request

    url = f"{make_request(stage, world.a).url}/payment-control"
    for path in ("", "/items", "/rejects", "/rejects.csv"):
        assert desk.operator.get(url + path).status_code == 404


def test_confirm_and_undo_answer_the_row_and_the_figures_alone(desk: Desk) -> None:
    match = desk.matches("proposed")[0]
    answer = desk.post(f"matches/{match.id}/confirm", view="proposed")
    assert answer.status_code == 200
    assert answer.text.count('class="line ') == 1
    assert 'hx-target="#figures"' in answer.text
    assert "<html" not in answer.text
    assert f'line-confirmed" id="line-{match.line_id}"' in answer.text
    assert 'view=proposed" aria-current="page"' in answer.text
    answer = desk.post(f"matches/{match.id}/undo")
    assert f'line-unmatched" id="line-{match.line_id}"' in answer.text
    assert desk.post(f"matches/{match.id}/confirm").status_code == 409


def test_without_htmx_the_same_forms_come_back_to_the_page(desk: Desk) -> None:
    match = desk.matches("proposed")[0]
    answer = desk.operator.post(f"{desk.url}/matches/{match.id}/confirm", data=desk.form())
    assert answer.status_code == 303
    assert answer.location.endswith(f"#line-{match.line_id}")


def test_a_form_made_for_another_client_or_older_files_is_stopped(desk: Desk) -> None:
    match = desk.matches("proposed")[0]
    for changed in ({"client": "another"}, {"files": "0" * 16}):
        answer = desk.post(f"matches/{match.id}/confirm", **changed)
        assert answer.status_code == 409
        assert answer.headers["HX-Retarget"] == "#toasts"
    assert desk.matches("confirmed") == []


def test_matching_by_hand_in_parts(desk: Desk) -> None:
    match = next(m for m in desk.matches("proposed") if m.amount > 10_000)
    desk.post(f"matches/{match.id}/undo")
    page = desk.operator.get(f"{desk.url}/lines/{match.line_id}/match", headers=HTMX).text
    assert str(match.item_id) in page
    assert "<html" not in page
    whole = desk.operator.get(f"{desk.url}/lines/{match.line_id}/match")
    assert whole.status_code == 200
    assert "<html" in whole.text
    search = desk.operator.get(
        f"{desk.url}/lines/{match.line_id}/items?q=no-such-item", headers=HTMX
    ).text
    assert "fits" in search

    def by_hand(**data: Any) -> Any:
        return desk.post(f"lines/{match.line_id}/match", item_id=str(match.item_id), **data)

    assert by_hand(amount="a lot").status_code == 422
    assert by_hand(amount="9999999.00").status_code == 409
    answer = by_hand(amount="50,00", note="on the phone")
    assert answer.status_code == 200
    assert "on the phone" in answer.text
    assert " left" in answer.text
    [made] = desk.matches("confirmed")
    assert (made.amount, made.rule) == (5_000, "by_hand")
    assert desk.post(f"lines/{match.line_id}/match").status_code == 422


def test_an_ambiguous_line_offers_its_candidates(desk: Desk) -> None:
    line = desk.stage.rows(
        "SELECT id, candidates FROM statement_lines WHERE tenant_id = :t"
        " AND candidates IS NOT NULL",
        t=desk.company.id,
    )[0]
    page = desk.operator.get(f"{desk.url}?view=unmatched").text
    first, *others = line.candidates["items"]
    assert all(f'name="item_id" value="{one}"' in page for one in (first, *others))
    answer = desk.post(f"lines/{line.id}/match", item_id=first)
    assert f'line-confirmed" id="line-{line.id}"' in answer.text


def test_leaving_a_line_open_needs_a_note(desk: Desk) -> None:
    line_id = desk.stage.value(
        "SELECT l.id FROM statement_lines l WHERE l.tenant_id = :t AND l.amount < 0 LIMIT 1",
        t=desk.company.id,
    )
    assert desk.post(f"lines/{line_id}/leave-open", note=" ").status_code == 422
    answer = desk.post(f"lines/{line_id}/leave-open", note="bank fee")
    assert "bank fee" in answer.text
    assert f'line-left_open" id="line-{line_id}"' in answer.text
    assert desk.rows(desk.operator.get(f"{desk.url}?view=left_open").text) == 1


def test_confirming_all_of_a_confidence_holds_to_the_number_shown(desk: Desk) -> None:
    page = desk.operator.get(desk.url).text
    [certain, *_others] = re.findall(r'<option value="(\d+-\d+)"', page)
    least, count = certain.split("-")
    assert desk.post("confirm-all", chosen=f"{least}-{int(count) + 1}").status_code == 409
    assert desk.matches("confirmed") == []
    answer = desk.post("confirm-all", chosen=certain)
    assert answer.status_code == 200
    assert f"{count} proposals confirmed." in answer.text
    assert len(desk.matches("confirmed")) == int(count)
    assert desk.post("confirm-all", chosen="all").status_code == 422


def test_the_report_is_asked_for_watched_and_found(desk: Desk) -> None:
    answer = desk.post("report")
    assert answer.status_code == 409
    assert "not decided yet" in answer.text
    desk.confirm_everything()
    assert "Waiting for its turn" in desk.post("report").text
    again = desk.post("report")
    assert again.status_code == 200
    waiting = desk.operator.get(f"{desk.url}/report", headers=HTMX)
    assert 'hx-trigger="every 2s"' in waiting.text
    assert run_jobs(desk.stage, desk.company.id) == ["finance.write_report"], "asked once"
    done = desk.operator.get(f"{desk.url}/report", headers=HTMX)
    assert done.headers["HX-Retarget"] == "#report"
    assert done.text.count("/files/") == 4
    assert "Create the report again" in done.text


def test_counts_that_do_not_agree_are_said_not_hidden(desk: Desk) -> None:
    desk.confirm_everything()
    desk.stage.run(
        "UPDATE payment_controls SET items_in = items_in + 1 WHERE tenant_id = :t",
        t=desk.company.id,
    )
    page = desk.operator.get(desk.request_url)
    assert page.status_code == 200
    assert "What came in is not what came out" in page.text
    answer = desk.post("report")
    assert answer.status_code == 409
    assert "no report is written" in answer.text


def test_a_statement_that_does_not_balance(stage: Stage, world: Any, sign_in_as: Any) -> None:
    desk = Desk(stage, world, sign_in_as).raised(uploads(statement=off_by_a_lot()))
    assert "Start the work on this request" in desk.operator.get(desk.request_url).text
    desk.started()
    page = desk.operator.get(desk.request_url).text
    assert "Take it nevertheless" in page
    assert "Difference" in page
    assert "Take it nevertheless" not in desk.client.get(desk.request_url).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    form = {"client": world.a.slug, "version": version[1]}
    refused = desk.operator.post(f"{desk.url}/accept", data=form, headers=HTMX)
    assert refused.status_code == 422
    assert desk.client.post(f"{desk.url}/accept", data=form).status_code == 403
    taken = desk.operator.post(
        f"{desk.url}/accept", data={**form, "reason": "the bank confirmed it"}, headers=HTMX
    )
    assert taken.status_code == 200
    assert "the bank confirmed it" in taken.text
    assert len(desk.matches("proposed")) > 20


def test_an_unreadable_file_says_why_and_a_better_one_is_taken(
    stage: Stage, world: Any, sign_in_as: Any
) -> None:
    bad = b"<Document>nothing</Document>"
    desk = Desk(stage, world, sign_in_as).raised(uploads(statement=bad))
    for browser in (desk.operator, desk.client):
        page = browser.get(desk.request_url)
        assert page.status_code == 200
        assert "The bank statement can't be read" in page.text
        assert 'name="statement"' in page.text
        assert 'name="open_items"' not in page.text
        assert browser.get(desk.url).location.endswith(desk.request_url)
    same = desk.send("statement", bad)
    assert same.status_code == 200
    assert "very same file" in same.headers["HX-Trigger"]
    assert run_jobs(stage, world.a.id) == []
    assert desk.send("statement", b"").status_code == 422
    assert desk.send("statement", b"x", client="other").status_code == 409
    better = desk.send("statement", uploads()[1].content)
    assert "Waiting for its turn" in better.text
    assert desk.send("statement", b"another").status_code == 409, "the first is being read"
    polled = desk.client.get(f"{desk.url}/progress", headers=HTMX)
    assert 'hx-trigger="every 2s"' in polled.text
    assert run_jobs(stage, world.a.id) == ["finance.prepare_payment_control"]
    done = desk.client.get(f"{desk.url}/progress", headers=HTMX)
    assert done.headers["HX-Retarget"] == "#payment-control"
    assert "received" in done.text
    assert len(desk.matches("proposed")) > 20


def test_what_is_confirmed_is_not_thrown_away_by_a_new_file(desk: Desk) -> None:
    desk.confirm_everything()
    answer = desk.send("open_items", uploads(seed=8)[0].content)
    assert answer.status_code == 409
    assert "confirmed already" in answer.text


def test_the_same_statement_in_a_second_request(desk: Desk) -> None:
    first = desk.request_url
    second = Desk(desk.stage, desk.world, desk.sign_in_as).raised()
    page = second.client.get(second.request_url).text
    assert "taken before" in page
    assert f'href="{first}"' in page


def test_rejects_can_be_corrected_and_run_no_formula(desk: Desk) -> None:
    desk.stage.run(
        "UPDATE import_rejects SET raw = '=HYPERLINK(\"x\")' WHERE tenant_id = :t",
        t=desk.company.id,
    )
    answer = desk.client.get(f"{desk.url}/rejects.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0] == "Source"
    assert len(rows) > 1
    assert all(row[3] == '\'=HYPERLINK("x")' for row in rows[1:])
    assert [guarded(cell) for cell in ("+1", "-1", "@a", "\tb", " =c", "plain")] == [
        "'+1", "'-1", "'@a", "'\tb", "' =c", "plain",
    ]  # fmt: skip


def test_pages_take_as_many_statements_for_many_lines_as_for_few(
    desk: Desk, count_statements: Any
) -> None:
    numbers = {}
    for view in ("all", "unmatched", "proposed"):
        with count_statements() as found:
            assert desk.operator.get(f"{desk.url}?view={view}").status_code == 200
        numbers[view] = len(found)
    assert max(numbers.values()) <= 14, numbers
    url, form = f"{desk.url}/matches/{desk.matches('proposed')[0].id}/confirm", desk.form()
    with count_statements() as found:
        assert desk.operator.post(url, data=form, headers=HTMX).status_code == 200
    assert len(found) <= 21  # one of them asks whether it pays an invoice of ours


def test_pages_search_and_turn(desk: Desk) -> None:
    page = desk.operator.get(desk.url).text
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following
    second = desk.operator.get(following[1].replace("&amp;", "&")).text
    assert desk.rows(page) == 50
    assert 0 < desk.rows(second) < 50
    assert desk.rows(desk.operator.get(f"{desk.url}?q=URSSAF").text) == 1
    assert desk.operator.get(f"{desk.url}?cursor=nonsense").status_code == 422
    items = desk.operator.get(f"{desk.url}/items?q=F-2026").text
    assert desk.rows(items) == 50


@pytest.mark.skipif(not SAMPLES, reason="COULISSE_SAMPLES is not set")
def test_every_sample_statement_ends_in_a_page(stage: Stage, world: Any, sign_in_as: Any) -> None:
    found = sorted((Path(SAMPLES) / "samples" / "camt").glob("*.xml"))
    assert found
    for path in found:
        desk = Desk(stage, world, sign_in_as).raised(uploads(statement=path.read_bytes()))
        for browser in (desk.operator, desk.client):
            assert browser.get(desk.request_url).status_code == 200, path.name
            assert browser.get(desk.url).status_code in (200, 303), path.name


def test_a_reader_of_the_provider_has_no_buttons(desk: Desk, stage: Stage, world: Any) -> None:
    reader: Person = make_staff(stage, name="Rita")
    make_grant(stage, world.a, reader, lines=("finance",), level="read")
    browser = desk.sign_in_as(reader)
    page = browser.get(desk.url)
    assert page.status_code == 200
    assert "/confirm" not in page.text
    match = desk.matches("proposed")[0]
    answer = browser.post(f"{desk.url}/matches/{match.id}/confirm", data=desk.form())
    assert answer.status_code == 403


def test_explanations_keep_no_account_number(desk: Desk) -> None:
    stored = desk.stage.rows(
        "SELECT explanation::text AS words FROM matches WHERE tenant_id = :t AND rule = :r",
        t=desk.company.id, r="amount_iban",
    )  # fmt: skip
    assert stored
    assert not [row for row in stored if any(one.iban in row.words for one in CUSTOMERS)]
    assert "FR76\u00a0…\u00a00189" in desk.operator.get(desk.url).text
