"""Payment control from upload to report, through services and the worker's own runner."""

import hashlib
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.finance.demo_files import Customer, demo_files
from app.finance.models import OpenItem
from app.finance.queries import (
    count_lines,
    get_control,
    list_lines,
    list_live_matches,
    list_rejects,
)
from app.finance.services import deciding, reporting
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request, list_current_deliverables
from app.service_requests.services.intake import Upload, raise_request
from app.service_requests.services.timekeeping import record_time
from app.service_requests.services.work import start_work, submit_for_review
from tenants import files
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tests.factories import acting
from tests.factories.jobs import run_jobs

CUSTOMERS = [
    Customer("Boulangerie Martin SARL", "FR7630006000011234567890189"),
    Customer("Mühle Schneider GmbH", "DE89370400440532013000"),
    Customer("Traiteur Lacroix SAS", "FR1420041010050500013M02606"),
    Customer("Bäckerei Vogt e.K.", "DE02120300000000202051"),
    Customer("Hôtel du Lac SA", "FR7610107001011234567890129"),
    Customer("Kantine Nord GmbH & Co. KG", "DE02500105170137075030"),
]


def uploads(
    seed: int = 7, statement: bytes | None = None, items: bytes | None = None
) -> list[Upload]:
    made = demo_files(
        company="Test SARL", iban="FR7630006000011234567890189", customers=CUSTOMERS,
        seed=seed, month=date(2026, 10, 1),
    )  # fmt: skip
    return [
        Upload("open_items", "open.csv", "text/csv", items or made.open_items_csv),
        Upload("statement", "october.xml", "application/xml", statement or made.statement_xml),
    ]


def raise_control(stage: Any, company: Any, files_: list[Upload]) -> int:
    with acting(stage, company.user.scope(company)):
        return raise_request(
            actor=company.user.actor(company), now=clock.now(), item_code="payment_control",
            values={"period": "2026-10", "details": ""}, uploads=files_,
        ).number  # fmt: skip


def items_of(control: Any) -> list[OpenItem]:
    return list(
        db.session.execute(
            select(OpenItem).where(
                OpenItem.tenant_id == control.tenant_id, OpenItem.control_id == control.id
            )
        ).scalars()
    )


class Case:
    """One company's control, worked on by one operator."""

    def __init__(self, stage: Any, world: Any, files_: list[Upload] | None = None) -> None:
        self.stage, self.company, self.operator = stage, world.a, world.operator_a
        self.number = raise_control(stage, world.a, files_ or uploads())
        run_jobs(stage, world.a.id)

    def work(self, act: Any) -> Any:
        actor = self.operator.actor(self.company)
        with acting(self.stage, self.operator.scope(self.company)):
            request = get_request(actor=actor, number=self.number)
            return act(request, get_control(request_id=request.id), actor)

    def start(self) -> "Case":
        self.work(lambda r, c, a: start_work(request=r, actor=a, now=clock.now()))
        return self

    def confirm_all(self) -> int:
        return int(
            self.work(
                lambda r, c, a: deciding.confirm_all(
                    request=r, control=c, actor=a, now=clock.now(), at_least=0
                )
            )
        )


@pytest.fixture
def case(stage: Any, world: Any) -> Case:
    return Case(stage, world)


def test_files_are_read_and_matched_with_counts_that_agree(case: Case) -> None:
    def look(request: ServiceRequest, control: Any, actor: Any) -> None:
        counts = count_lines(control=control)
        assert control.state == "ready"
        assert control.items_in == control.items_rejected + len(items_of(control))
        assert counts.all == control.lines_in - control.lines_rejected
        assert counts.proposed > 20
        assert counts.confirmed == 0
        assert all(m.explanation and m.confidence for m in list_live_matches(control=control))
        [reject, *_] = list_rejects(control=control)
        assert reject.line > 1
        assert reject.reason["message"]

    case.work(look)


def test_the_job_run_twice_changes_nothing(case: Case, stage: Any) -> None:
    before = stage.rows(
        "SELECT id FROM matches WHERE tenant_id = :t ORDER BY id", t=case.company.id
    )
    stage.run(
        "UPDATE jobs SET state = 'queued', finished_at = NULL WHERE tenant_id = :t",
        t=case.company.id,
    )
    assert "finance.prepare_payment_control" in run_jobs(stage, case.company.id)
    after = stage.rows("SELECT id FROM matches WHERE tenant_id = :t ORDER BY id", t=case.company.id)
    assert before == after


def test_the_same_statement_in_a_second_request_is_taken_once(
    case: Case, stage: Any, world: Any
) -> None:
    second = Case(stage, world)
    assert second.work(lambda r, c, a: (c.state, c.duplicate_of)) == ("duplicate", case.number)
    assert second.work(lambda r, c, a: count_lines(control=c).all) == 0


def test_another_company_may_bring_the_same_statement(case: Case, stage: Any, world: Any) -> None:
    raise_control(stage, world.b, uploads())
    run_jobs(stage, world.b.id)
    found = stage.value("SELECT state FROM payment_controls WHERE tenant_id = :t", t=world.b.id)
    assert found == "ready"


def test_unreadable_file_is_refused_whole_and_a_better_one_taken(stage: Any, world: Any) -> None:
    broken = Case(stage, world, uploads(statement=b"<Document>nothing</Document>"))
    state, problem = broken.work(lambda r, c, a: (c.state, c.problem))
    assert state == "refused"
    assert problem["message"]
    assert broken.work(lambda r, c, a: len(items_of(c))) == 0


def test_iban_is_sealed_in_storage(case: Case, stage: Any) -> None:
    stored = stage.rows(
        "SELECT to_jsonb(l)::text AS stored FROM statement_lines l WHERE tenant_id = :t"
        " UNION ALL SELECT to_jsonb(b)::text FROM bank_statements b WHERE tenant_id = :t"
        " UNION ALL SELECT to_jsonb(i)::text FROM open_items i WHERE tenant_id = :t",
        t=case.company.id,
    )
    columns = " ".join(row.stored for row in stored)
    assert "FR7630006000011234567890189" not in columns


def test_decisions_confirm_undo_by_hand_and_leave_open(case: Case) -> None:
    case.start()

    def decide(request: ServiceRequest, control: Any, actor: Any) -> None:
        now = clock.now()
        # A line that pays one item whole: undone, both are free again.
        match = next(
            m for m in list_live_matches(control=control)
            if m.rule == "amount_iban"
        )  # fmt: skip
        deciding.confirm_match(request=request, match=match, actor=actor, now=now)
        deciding.undo_match(request=request, match=match, actor=actor, now=now)
        db.session.flush()
        line = next(n for n in list_lines(control=control, view="unmatched").items
                    if n.id == match.line_id)  # fmt: skip
        item = next(i for i in items_of(control)
                    if i.id == match.item_id)  # fmt: skip
        row = deciding.match_by_hand(
            request=request, control=control, line=line,
            item=db.session.get_one(type(_item(control, item.id)), (control.tenant_id, item.id)),
            actor=actor, now=now, note="seen on the phone",
        )  # fmt: skip
        assert (row.state, row.rule, row.amount) == ("confirmed", "by_hand", match.amount)
        with pytest.raises(CoulisseError) as caught:
            deciding.match_by_hand(
                request=request, control=control, line=line,
                item=_item(control, item.id), actor=actor, now=now,
            )  # fmt: skip
        assert caught.value.code == "allocated_too_much"
        other = next(n for n in list_lines(control=control, view="unmatched").items)
        deciding.leave_open(request=request, line=other, actor=actor, now=now, note="bank fee")
        assert count_lines(control=control).left_open == 1

    case.work(decide)


def _item(control: Any, item_id: Any) -> Any:
    from app.finance.queries import get_item

    return get_item(control=control, item_id=item_id)


def test_the_client_decides_no_matches(case: Case, stage: Any, world: Any) -> None:
    case.start()
    actor = world.a.admin.actor(world.a)
    with acting(stage, world.a.admin.scope(world.a)):
        request = get_request(actor=actor, number=case.number)
        control = get_control(request_id=request.id)
        with pytest.raises(CoulisseError) as caught:
            deciding.confirm_all(
                request=request, control=control, actor=actor, now=clock.now(), at_least=0
            )
    assert caught.value.status == 403


def test_difference_needs_a_reason_and_a_person(stage: Any, world: Any) -> None:
    good = uploads()[1].content
    tampered = good.replace(b"<Cd>CLBD</Cd>", b"<Cd>CLBD</Cd><!-- changed -->", 1)
    head, _mark, tail = tampered.partition(b"<!-- changed -->")
    start = tail.index(b'<Amt Ccy="EUR">') + len(b'<Amt Ccy="EUR">')
    end = tail.index(b"</Amt>", start)
    tampered = head + tail[:start] + b"1.00" + tail[end:]
    case = Case(stage, world, uploads(statement=tampered)).start()
    assert case.work(lambda r, c, a: c.state) == "unbalanced"
    assert case.work(lambda r, c, a: count_lines(control=c).proposed) == 0

    def without_reason(request: ServiceRequest, control: Any, actor: Any) -> None:
        with pytest.raises(CoulisseError) as caught:
            deciding.accept_difference(
                request=request, control=control, actor=actor, now=clock.now(), reason=" "
            )
        assert "reason" in caught.value.field_errors

    case.work(without_reason)
    case.work(
        lambda r, c, a: deciding.accept_difference(
            request=r, control=c, actor=a, now=clock.now(), reason="bank confirmed by phone"
        )
    )
    state, by, proposed = case.work(
        lambda r, c, a: (c.state, c.accepted_by_name, count_lines(control=c).proposed)
    )
    assert (state, by) == ("ready", case.operator.name)
    assert proposed > 20


def test_report_waits_for_decisions_then_comes_as_pdf_and_workbook(case: Case, stage: Any) -> None:
    case.start()

    def too_early(request: ServiceRequest, control: Any, actor: Any) -> None:
        with pytest.raises(CoulisseError) as caught:
            reporting.request_report(request=request, control=control, actor=actor, now=clock.now())
        assert caught.value.code == "proposals_left"

    case.work(too_early)
    assert case.confirm_all() > 20
    case.work(
        lambda r, c, a: reporting.request_report(request=r, control=c, actor=a, now=clock.now())
    )
    assert run_jobs(stage, case.company.id) == ["finance.write_report"]

    def look(request: ServiceRequest, control: Any, actor: Any) -> None:
        pdf, xlsx = list_current_deliverables(request_id=request.id)
        assert pdf.added_by == actor.user_id
        counts = pdf.slip["counts"]
        assert counts["items_in"] == (
            counts["paid"] + counts["part_paid"] + counts["open"] + counts["items_rejected"]
        )
        assert counts["lines_in"] == (
            counts["used"] + counts["unmatched"] + counts["lines_rejected"]
        )
        assert pdf.measures == {"statement_lines": counts["used"] + counts["unmatched"]}
        content = files.read(files.get_file(file_id=pdf.file_id))
        assert content.startswith(b"%PDF")
        assert hashlib.sha256(content).hexdigest() == pdf.sha256
        book = CalamineWorkbook.from_filelike(
            BytesIO(files.read(files.get_file(file_id=xlsx.file_id)))
        )
        assert len(book.sheet_names) == 5

    case.work(look)


def test_a_second_report_supersedes_the_first(case: Case, stage: Any) -> None:
    case.start()
    case.confirm_all()
    for _ in range(2):
        case.work(
            lambda r, c, a: reporting.request_report(request=r, control=c, actor=a, now=clock.now())
        )
        run_jobs(stage, case.company.id)
    versions = stage.rows(
        "SELECT version, superseded_at IS NULL AS current FROM deliverables"
        " WHERE tenant_id = :t AND kind = 'reconciliation_pdf' ORDER BY version",
        t=case.company.id,
    )
    assert [tuple(row) for row in versions] == [(1, False), (2, True)]


def test_matches_stay_as_reviewed(case: Case, stage: Any) -> None:
    case.start()
    stage.run(
        "UPDATE requests SET state = 'in_review' WHERE tenant_id = :t AND number = :n",
        t=case.company.id, n=case.number,
    )  # fmt: skip

    def late(request: ServiceRequest, control: Any, actor: Any) -> None:
        [match, *_] = list_live_matches(control=control)
        with pytest.raises(CoulisseError) as caught:
            deciding.confirm_match(request=request, match=match, actor=actor, now=clock.now())
        assert caught.value.status == 409

    case.work(late)


def test_a_decision_after_the_report_asks_for_a_new_one(case: Case, stage: Any) -> None:
    case.start()
    case.confirm_all()
    case.work(
        lambda r, c, a: reporting.request_report(request=r, control=c, actor=a, now=clock.now())
    )
    run_jobs(stage, case.company.id)

    def undo_and_submit(request: ServiceRequest, control: Any, actor: Any) -> None:
        now = clock.now()
        record_time(
            request=request, actor=actor, now=now, minutes=5, worked_on=now.date(), activity="x"
        )
        [match, *_] = list_live_matches(control=control)
        deciding.undo_match(request=request, match=match, actor=actor, now=now)
        assert list_current_deliverables(request_id=request.id) == []
        with pytest.raises(CoulisseError) as caught:
            submit_for_review(request=request, actor=actor, now=now)
        assert caught.value.code == "nothing_to_review"

    case.work(undo_and_submit)
    case.work(
        lambda r, c, a: reporting.request_report(request=r, control=c, actor=a, now=clock.now())
    )
    run_jobs(stage, case.company.id)
    assert case.work(
        lambda r, c, a: [row.version for row in list_current_deliverables(request_id=r.id)]
    ) == [2, 2]
