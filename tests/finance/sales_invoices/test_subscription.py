"""The provider's own invoice among the client's documents, once, with its slip."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from app.documents.queries import list_about, list_slips
from app.finance.sales_invoices import subscription
from billing.invoices import handing_over
from tenants.core.ids import uuid7
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.finance.einvoicing.test_from_record import _record
from tests.finance.test_learning_at_once import until_somebody_waits

NUMBER = "C-2026-0042"


@pytest.fixture
def port() -> Any:
    before = list(handing_over._takers)
    subscription.init_subscription_files()
    yield
    handing_over._takers[:] = before


def keep(stage: Any, company: Any) -> UUID:
    record_id = uuid7()
    stage.run(
        "INSERT INTO invoice_records (tenant_id, id, kind, stripe_id, number, record, sha256,"
        " made_at) VALUES (:t, :i, 'invoice', 'in_1', :n, CAST(:r AS jsonb), 'x', now())",
        t=company.id, i=record_id, n=NUMBER, r=json.dumps({**_record(), "number": NUMBER}),
    )  # fmt: skip
    return record_id


def test_it_becomes_a_document_once(stage: Any, world: Any, port: None) -> None:
    a = world.a
    record_id = keep(stage, a)
    for _ in range(2):
        with acting(stage, a.scope):
            handing_over.offer(now=now())
        run_jobs(stage, a.id)
    actor = system_actor(a.id)
    with acting(stage, a.scope):
        [held] = list_about(actor=actor, about_type=subscription.ABOUT, about_id=record_id)
        assert NUMBER in held.document.title
        assert len(list_slips(version_ids=[held.version.id])) == 1
        assert subscription.write_record(record_id=record_id, actor=actor, now=now()) == "kept"


def test_two_jobs_at_once_write_one_document(stage: Any, world: Any) -> None:
    a, actor = world.a, system_actor(world.a.id)
    record_id = keep(stage, a)

    def write() -> str:
        with acting(stage, a.scope):
            return subscription.write_record(record_id=record_id, actor=actor, now=now())

    with ThreadPoolExecutor(1) as other:
        with acting(stage, a.scope):
            first = subscription.write_record(record_id=record_id, actor=actor, now=now())
            waiting = other.submit(write)
            until_somebody_waits(stage)
        second = waiting.result(timeout=20)
    assert (first != "kept", second) == (True, "kept")
    with acting(stage, a.scope):
        assert len(list_about(actor=actor, about_type=subscription.ABOUT, about_id=record_id)) == 1
