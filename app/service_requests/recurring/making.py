"""The request of one period: what it says, whose it is, what the client is asked for with it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError

from app.catalogue.item import CatalogueItem
from app.catalogue.memory import get_item, is_offered
from app.documents.language import translator
from app.service_requests.assignment.recording import choice_with_first, give, say_left
from app.service_requests.models import ServiceRequest
from app.service_requests.recurring.models import Recurrence
from app.service_requests.recurring.period_words import title_of
from app.service_requests.recurring.queries import ClientFacts, find_same_work
from app.service_requests.recurring.rules import Planned
from app.service_requests.recurring.words import REASONS
from app.service_requests.scope import NEEDS_OFFER
from app.service_requests.services.assigning import Colleague, put_in_hands
from app.service_requests.services.conversation import add_note, ask_question
from app.service_requests.services.documents import Wanted, ask_documents
from app.service_requests.services.intake import (
    NewRequest,
    begin_prepared_work,
    start_request,
)
from tenants.core.db import db
from tenants.core.errors import Conflict, CoulisseError, NotFound
from tenants.permissions import Actor
from tenants.services.access import require_new_work


class Obstacle(Conflict):
    """Why a period's request is not raised; `code` is one of words.REASONS."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(REASONS[code], code=code)
        self.words = words


def raise_for(
    row: Recurrence, one: Planned, facts: ClientFacts, *, actor: Actor, now: datetime
) -> ServiceRequest:
    """The request of one period, whole or not at all. Obstacle where it can't be."""
    actor.require("request.raise", row.line)
    item = _item(row, facts)
    values = values_of(item, row.form, title=row.title, one=one, language=facts.language)
    new = NewRequest(
        item=item,
        title=str(values.get("title") or values.get("period") or ""),
        form={k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()},
    )
    same = find_same_work(item=item.code, title=new.title)
    if same is not None:
        raise Obstacle("duplicate", str(same))
    try:
        with db.session.begin_nested():
            return _raise(row, new, facts, actor=actor, now=now)
    except CoulisseError as error:
        raise Obstacle("refused") from error
    except IntegrityError as error:
        raise Obstacle("duplicate") from error


def _item(row: Recurrence, facts: ClientFacts) -> CatalogueItem:
    try:
        item = get_item(row.item)
    except NotFound:
        raise Obstacle("withdrawn") from None
    if not is_offered(item, facts.country):
        raise Obstacle("withdrawn")
    return item


def values_of(
    item: CatalogueItem, form: Mapping[str, Any], *, title: str, one: Planned, language: str
) -> dict[str, Any]:
    """As the item's own form loads them; Obstacle where it doesn't any more."""
    schema = item.schema()
    known = schema.fields
    filled = {name: value for name, value in form.items() if name in known}
    own = {
        "title": title_of(title, one.about, language), "period": one.about.name,
        "wanted_on": one.due_on.isoformat(),
    }  # fmt: skip
    try:
        loaded = schema.load(filled | {name: one for name, one in own.items() if name in known})
    except ValidationError as error:
        raise Obstacle("form", ", ".join(sorted(error.messages_dict))) from error
    return dict(loaded)


def _raise(
    row: Recurrence, new: NewRequest, facts: ClientFacts, *, actor: Actor, now: datetime
) -> ServiceRequest:
    require_new_work()
    request = start_request(replace(new, reason=row.title), actor=actor, now=now)
    if row.assignee_id is not None:
        _assign(row, request, actor=actor, now=now)
    _ask(row, request, new.item, facts, actor=actor, now=now)
    if not any(slot.required for slot in new.item.files):
        begin_prepared_work(request, actor=actor)
    db.session.flush()
    return request


def _assign(row: Recurrence, request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Somebody who is away or without a live grant gets nothing: it goes by the rules, or waits in
    the queue."""
    assert row.assignee_id is not None
    choice = choice_with_first(request, row.assignee_id, now=now)
    if choice.who is None:
        say_left(request, choice, cause="recurring", actor=actor, now=now)
    elif choice.why == "usual":
        who = Colleague(choice.who.user_id, choice.who.name)
        put_in_hands(request, who, actor=actor, now=now)
    else:
        give(request, choice, cause="recurring", actor=actor, now=now)


def _ask(
    row: Recurrence, request: ServiceRequest, item: CatalogueItem, facts: ClientFacts, *,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """What the client is asked for from the start; of work without a price it is noted instead."""
    said = translator(facts.language)
    wanted = [
        *(Wanted(name=said(slot.label), slot=slot.name) for slot in item.files if slot.required),
        *(Wanted(name=name) for name in row.documents),
    ]
    if request.scope in NEEDS_OFFER:
        words = [*row.questions, *(one.name for one in wanted)]
        if words:
            add_note(request=request, actor=actor, now=now, body="\n".join(words))
        return
    if wanted:
        ask_documents(request=request, actor=actor, now=now, wanted=wanted)
    for question in row.questions:
        ask_question(request=request, actor=actor, now=now, body=question)
