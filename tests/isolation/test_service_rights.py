"""Whoever calls it, a service asks for the right itself, on the line of what it is about, before it
reads or writes anything: these calls have no database."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

import app
import billing
import tenants
from app.catalogue.memory import get_item
from app.service_requests.models import ServiceRequest
from app.service_requests.package import package_hash
from app.service_requests.queries import get_request_by_id, list_current_deliverables
from app.service_requests.services import approving
from app.service_requests.transitions import STATES
from app.tokens.services import create_token
from tenants import permissions
from tenants.core.errors import Conflict, Forbidden
from tenants.permissions import Actor
from tenants.services.second_factor import reset_second_factor
from tests.factories.lifecycle import make_request
from tests.factories.stage import acting

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
PART = "a part of other verbs, which have asked"
OWN = "one's own rows, by the database"
SYSTEM = "the system's own; nobody's request leads here"
HELD = "asks the database who administers, under a lock"
GRANTED = "the database asks for a grant at each client; tests/isolation/test_job_batches.py tries without"
READS = "reading the line is enough to follow; tests/service_requests/client_side tries without it"
UNASKED = {
    "app.service_requests.services.intake:begin_when_complete": PART,
    "app.service_requests.services.conversation:go_on": PART,
    "app.service_requests.services.conversation:wait_for_client": PART,
    "app.service_requests.services.supervision:open_task": PART,
    "app.service_requests.services.handing_on:hand_on": PART,
    "app.service_requests.handover.services.answering:hand_to_substitute": PART,
    "app.service_requests.handover.services.watching:miss": PART,
    "app.service_requests.services.watching:follow_along": PART,
    "app.service_requests.services.watching:watch": READS,
    "app.service_requests.services.watching:unwatch": READS,
    "app.desk.services.saved_views:choose_settings": OWN,
    "app.directory.importing.services:write_import": SYSTEM,
    "app.directory.services.accounts:first_account": PART,
    "app.directory.services.accounts:keep_account": PART,
    "app.directory.services.writing:change_party": PART,
    "app.directory.services.writing:new_party": PART,
    "app.directory.services.writing:touch": PART,
    "app.documents.checking.services:add_packs": SYSTEM,
    "app.documents.checking.services:remove_pack": SYSTEM,
    "app.documents.services.disposing:end_by_hold": PART,
    "app.documents.services.disposing:look_at_retention": SYSTEM,
    "app.documents.services.issuing:add_document": PART,
    "app.documents.services.issuing:add_version": PART,
    "app.documents.services.issuing:issue_document": PART,
    "app.documents.services.issuing:issue_version": PART,
    "app.documents.services.slips:attach_slip": PART,
    "app.finance.sales_invoices.batches.services:make_batch": SYSTEM,
    "app.finance.services.holding:conclude": PART,
    "app.finance.sales_invoices.services.making:count": PART,
    "app.finance.sales_invoices.services.rechecked:follow_check": PART,
    "app.finance.sales_invoices.services.series:series_for": PART,
    "app.finance.sales_invoices.services.settings:confirmed": PART,
    "app.finance.services.holding:record_matches": PART,
    "app.finance.services.learning:remember_matches": PART,
    "app.finance.services.learning:count_against": PART,
    "app.finance.services.learning:remember_left_open": PART,
    "app.finance.services.learning:count_left_open_against": PART,
    "app.finance.services.reading:take_files": SYSTEM,
    "app.finance.services.reporting:write_report": SYSTEM,
    "app.finance.services.replacing:may_replace": "says whether",
    "app.notifications.services:tell": PART,
    "app.notifications.services:choose": OWN,
    "app.provider.services.leaving:end_at_client": SYSTEM,
    "app.service_requests.services.intake:attach": PART,
    "app.service_requests.drafts.services:drop_draft": OWN,
    "app.service_requests.reply_drafts.services:drop": OWN,
    "app.service_requests.services.assigning:hand_back_from": PART,
    "app.service_requests.services.assigning:put_in_hands": PART,
    "app.service_requests.services.decisions:deliver": PART,
    "app.service_requests.services.ending:close_silent": SYSTEM,
    "app.service_requests.services.holding:fall_due": SYSTEM,
    "app.service_requests.services.intake:begin_prepared_work": PART,
    "app.service_requests.services.linking:add_link": PART,
    "app.service_requests.services.moves:enter": PART,
    "app.service_requests.services.moves:retarget": PART,
    "app.service_requests.services.offers:bill_accepted_offer": PART,
    "app.service_requests.undoing.services:reversibly": PART,
    "app.service_requests.checklists.services:begin_checklist": PART,
    "app.service_requests.checklists.services:refresh": PART,
    "app.service_requests.checklists.services:require_complete": PART,
    "app.service_requests.services.scope_guard:judge_scope": PART,
    "app.service_requests.services.tending:tend": SYSTEM,
    "app.service_requests.services.moves:log_move": PART,
    "app.service_requests.services.waiting_files:keep_file": OWN,
    "app.service_requests.services.waiting_files:take_files": OWN,
    "app.service_levels.services.booking:book": PART,
    "app.service_levels.services.booking:credit_row": PART,
    "app.service_levels.services.correcting:correct_earlier": PART,
    "billing.services:request_subscription": PART,
    "app.tokens.services:end_tokens_of": PART,
    "app.tokens.services:end_tokens_without_access": PART,
    "tenants.services.grants:end_grants_of": SYSTEM,
    "tenants.services.job_batches:start_batch": GRANTED,
    "tenants.services.staff:hold_administrators": HELD,
}


def verbs() -> Iterator[tuple[str, Callable[..., Any]]]:
    for package in (tenants, billing, app):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "services" not in found.name.split("."):
                continue
            module = importlib.import_module(found.name)
            for name, one in vars(module).items():
                ours = inspect.isfunction(one) and one.__module__ == found.name
                if ours and name[0] != "_" and "actor" in inspect.signature(one).parameters:
                    yield f"{found.name}:{name}", one


VERBS = dict(verbs())
# They hold every right somewhere: on another line, or below what the verb needs.
ON_OTHER_LINES = (
    Actor(
        user_id=uuid4(), name="Client", side="client", role="client_admin", approver=True,
        lines={"hr": ""}, second_factor_at=NOW,
    ),
    Actor(
        user_id=uuid4(), name="Reader", side="provider", role="operator",
        lines={"finance": "read", "hr": "review"}, second_factor_at=NOW,
    ),
)  # fmt: skip
WITHOUT = (
    Actor(user_id=uuid4(), name="Nobody", side="client", role="", second_factor_at=NOW),
    Actor(user_id=uuid4(), name="Operator", side="provider", role="operator", second_factor_at=NOW),
    Actor(
        user_id=uuid4(),
        name="Reader",
        side="provider",
        role="operator",
        lines={"finance": "read"},
        second_factor_at=NOW,
    ),
)


def a_value(name: str, kind: str) -> Any:
    """Something of that shape; what stands in it can't matter yet."""
    known = {
        "now": NOW, "real_now": NOW, "item_code": "payment_control", "verb": "start",
        "minutes": 5, "worked_on": NOW.date(), "values": {}, "uploads": [],
    }  # fmt: skip
    if name in known:
        return known[name]
    if "UUID" in kind:
        return uuid4()
    if kind.removesuffix(" | None") in ("int", "<class 'int'>"):
        return 1
    return "x" if "str" in kind else SimpleNamespace(
        id=uuid4(), user_id=uuid4(), principal_id=uuid4(), owner_id=None, is_open=True, item=get_item("payment_control"),
        line="finance",
    )  # fmt: skip


def call(verb: Callable[..., Any], actor: Actor, state: str) -> None:
    request = ServiceRequest(
        tenant_id=UUID(int=1), id=uuid4(), item="payment_control", line="finance", state=state,
        version=1, preparer_id=None, number=1,
    )  # fmt: skip
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(verb).parameters.items():
        if name == "actor":
            given[name] = actor
        elif name == "request":
            given[name] = request
        elif parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD:
            given[name] = a_value(name, str(parameter.annotation))
    verb(**given)


def test_every_verb_that_asks_nothing_has_a_reason() -> None:
    assert not set(UNASKED) - set(VERBS)


@pytest.mark.parametrize("name", sorted(set(VERBS) - set(UNASKED)))
def test_the_right_comes_first(name: str) -> None:
    verb = VERBS[name]
    about_request = "request" in inspect.signature(verb).parameters
    refused = 0
    for actor in ON_OTHER_LINES if about_request else WITHOUT:
        for state in STATES if about_request else ("",):
            try:
                call(verb, actor, state)
            except Forbidden:
                refused += 1
            except Conflict:
                # Not from this state, whoever asks.
                continue
            else:
                pytest.fail(f"{actor.name} may, from {state}")
    assert refused


# What only somebody inside a company may do; by membership or by grant, and never by being staff.
INSIDE = frozenset().union(
    *permissions.MEMBER_RIGHTS.values(), permissions.APPROVER_RIGHTS,
    *permissions.GRANT_RIGHTS.values(),
)  # fmt: skip


@pytest.mark.parametrize("role", sorted(permissions.STAFF_RIGHTS))
def test_no_role_of_the_provider_opens_anything_inside_a_company(role: str) -> None:
    for level in ("", *permissions.LEVELS):
        of_role = Actor(user_id=None, name="", side="provider", role=role, lines={"hr": level})
        by_grant = Actor(user_id=None, name="", side="provider", lines={"hr": level})
        for right in INSIDE:
            for line in (None, "hr", "finance"):
                assert of_role.can(right, line) == by_grant.can(right, line), right


def test_a_form_is_shown_to_who_may_raise_on_its_line(world: Any, sign_in_as: Any) -> None:
    browser = sign_in_as(world.a.people["finance_only"])
    assert browser.get(world.a.url("requests/new/finance_question")).status_code == 200
    assert browser.get(world.a.url("requests/new/hr_question")).status_code == 403


def test_who_may_but_has_shown_no_code_lately_does_nothing() -> None:
    old = NOW - permissions.SECOND_FACTOR_FRESH - timedelta(seconds=1)
    for shown in (None, old):
        actor = Actor(
            user_id=uuid4(), name="A", side="client", role="client_admin", approver=True,
            lines={"finance": ""}, second_factor_at=shown,
        )  # fmt: skip
        with pytest.raises(Forbidden, match="authenticator"):
            reset_second_factor(user_id=uuid4(), actor=actor, now=NOW, real_now=NOW)
        with pytest.raises(Forbidden, match="authenticator"):
            create_token(
                actor=actor, now=NOW, name="x", scopes=["requests:read"],
                lifetime=timedelta(days=1), has_second_factor=True,
            )  # fmt: skip


def test_who_approves_has_shown_a_code_lately(stage: Any, world: Any) -> None:
    made = make_request(
        stage, world.a, state="awaiting_approval", item="payment_control",
        operator=world.operator_a, reviewer=world.supervisor,
    )  # fmt: skip
    with acting(stage, world.a.approver.scope()):
        row = get_request_by_id(request_id=made.id)
        sha256 = package_hash(list_current_deliverables(request_id=row.id))
        for shown in (None, NOW - permissions.SECOND_FACTOR_FRESH - timedelta(seconds=1)):
            actor = replace(world.a.approver.actor(), second_factor_at=shown)
            with pytest.raises(Forbidden, match="authenticator"):
                approving.approve(request=row, actor=actor, now=NOW, real_now=NOW, sha256=sha256)
        assert row.state == "awaiting_approval"
