"""Handover notes: what I leave behind, what I am asked to take over."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.auth.errands import for_client
from app.desk.handing import Span, read_handed, read_left_alone, read_parts, span_of, workers_of
from app.desk.queries import DeskContext
from app.desk.queue import across
from app.desk.views.blueprint import bp
from app.desk.views.common import context, user_id
from app.service_requests.handover.across import count_held, list_notes, list_workers
from app.service_requests.handover.services import answering, writing
from app.service_requests.handover.services.writing import Line
from app.staffing import queries
from app.web.i18n import text
from tenants.core import clock
from tenants.core.errors import CoulisseError, Invalid, NotFound
from tenants.core.text import _m
from tenants.endpoints import staff
from tenants.permissions import Actor

# Said of a client; of a field of the note by the field's name.
Errors = dict[str, str]


@bp.get("/handovers")
@staff("desk.use")
def handovers() -> ResponseReturnValue:
    return _list({})


@bp.post("/handovers/answer")
@staff("desk.use")
def answer_handover() -> ResponseReturnValue:
    """One item or all of one person's; what is refused says why, the others are done."""
    form, errors = request.form, dict[str, str]()
    declined = form.get("decline", "")
    keys = [declined] if declined else form.getlist("accept") or form.getlist("item")
    for key in keys[:500]:
        slug, item_id = _key(key)
        reason = form.get(f"reason-{item_id}", "")

        def work(actor: Actor, item_id: UUID = item_id, reason: str = reason) -> None:
            who: dict[str, Any] = {"item_id": item_id, "actor": actor, "now": clock.now()}
            if declined:
                answering.decline(reason=reason, **who)
            else:
                answering.accept(**who)

        try:
            for_client(slug, work)
        except CoulisseError as error:
            errors[str(item_id)] = _said(error)
    if errors:
        return _list(errors)
    return redirect(url_for("desk.handovers", done="declined" if declined else "accepted"), 303)


@bp.get("/handovers/<uuid:absence_id>")
@staff("desk.use")
def handover(absence_id: UUID) -> ResponseReturnValue:
    return _note(_absence(absence_id), {})


@bp.post("/handovers/<uuid:absence_id>")
@staff("desk.use")
def write_handover(absence_id: UUID) -> ResponseReturnValue:
    """`do`: refresh, keep, send, or as a supervisor settle; `give` names one item that goes to
    whom it names, without their answer."""
    row = _absence(absence_id)
    do = request.form.get("do", "keep")
    if do == "refresh":
        begin_everywhere(absence_id=row.id, user_id=row.user_id)
        return redirect(url_for("desk.handover", absence_id=row.id, done="refreshed"), 303)
    absent, errors = row.user_id, dict[str, str]()
    slugs = [one.slug for one in context().clients if f"words-{one.slug}" in request.form]
    for slug in slugs:
        try:
            for_client(slug, lambda actor, slug=slug: _write(  # type: ignore[misc]
                actor, slug, absence_id=absence_id, absent=absent, do=do))  # fmt: skip
        except CoulisseError as error:
            errors |= {
                slug if name == "words" else name: text(texts[0])
                for name, texts in error.field_errors.items()
            }
            if not error.field_errors:
                errors[slug] = _said(error)
    if errors:
        return _note(_absence(absence_id), errors)
    given = "given" if "give" in request.form else do
    return redirect(url_for("desk.handover", absence_id=absence_id, done=given), 303)


def begin_everywhere(*, absence_id: UUID, user_id: UUID) -> int:
    """At each client that is open to the reader and where they have something to do; how many."""
    found = context()
    lines_of = _lines_of(found, user_id)
    with across(found, reason="a handover note begins", user_id=_me()) as session:
        held = count_held(session, user_id=user_id, lines_of=lines_of)
    begun = 0
    for one in found.clients:
        if one.tenant_id not in held:
            continue
        try:
            note = for_client(one.slug, lambda actor: writing.begin(
                absence_id=absence_id, user_id=user_id, actor=actor, now=clock.now()) is not None)  # fmt: skip
        except CoulisseError:
            continue
        begun += note
    return begun


def _write(actor: Actor, slug: str, *, absence_id: UUID, absent: UUID, do: str) -> None:
    who: dict[str, Any] = {"actor": actor, "now": clock.now()}
    of: dict[str, Any] = {"absence_id": absence_id, "user_id": absent}
    if do == f"settle:{slug}":
        answering.settle(absence_id=absence_id, **who)
        return
    form, lines = request.form, []
    # Items of other clients are not there; the service leaves them alone.
    for name, value in form.items():
        if name.startswith("who-"):
            item = name.removeprefix("who-")
            lines.append(Line(_uuid(item), _uuid(value) if value else None,
                              form.get(f"words-{item}", "").strip()))  # fmt: skip
    writing.keep(words=form[f"words-{slug}"].strip(), lines=lines, **of, **who)
    give = form.get("give", "")
    if give.startswith(f"{slug}/"):
        item_id = _key(give)[1]
        to = form.get(f"who-{item_id}", "")
        if not to:
            raise Invalid(field_errors={f"who-{item_id}": [_m("Choose somebody.")]})
        answering.give_to(item_id=item_id, user_id=_uuid(to), **who)
    elif do == "send":
        writing.send(**of, **who)


def _list(errors: Errors) -> ResponseReturnValue:
    found, now = context(), clock.now()
    coming = [span_of(one) for one in queries.list_absences(since=now)]
    absences = {one.id: one for one in coming}
    mine = [one for one in coming if one.user_id == _me()]
    lines_of = found.worked()
    with across(found, reason="handed over work", user_id=_me()) as session:
        handed = read_handed(session, context=found, user_id=_me(), absences=absences)
        notes = list_notes(
            session, absence_ids=[one.id for one in mine], tenants=list(lines_of)
        )  # fmt: skip
        left_alone = (
            read_left_alone(session, context=found, absences=absences, now=now)
            if current_actor().can("desk.supervise") else []
        )  # fmt: skip
        sent = {one.absence_id for one in notes if one.sent_at}
        page = render_template(
            "desk/handovers.html", handed=handed, mine=mine, sent=sent, now=now, errors=errors,
            begun={one.absence_id for one in notes}, done=request.args.get("done", ""),
            left_alone=left_alone,
        )  # fmt: skip
    return page, 409 if errors else 200


def _note(row: Span, errors: Errors) -> ResponseReturnValue:
    found, now, own = context(), clock.now(), row.user_id == _me()
    person = queries.get_member_of_team(user_id=row.user_id).display_name
    lines_of = _lines_of(found, row.user_id)
    absences = [span_of(one) for one in queries.list_absences(since=now)]
    total = queries.standings(user_ids=[row.user_id], at=now)[row.user_id].open_requests
    with across(found, reason="a handover note", user_id=_me()) as session:
        parts = read_parts(session, context=found, absence=row, lines_of=lines_of)
        workers = workers_of(
            list_workers(session, lines_of=lines_of, now=now), absences, row
        )  # fmt: skip
        page = render_template(
            "desk/handover.html", absence=row, person=person, own=own, parts=parts, now=now,
            workers=workers, errors=errors, typed=request.form, over=row.ends_at <= now,
            elsewhere=max(total - sum(one.held for one in parts), 0),
            done=request.args.get("done", ""),
        )  # fmt: skip
    return page, 422 if errors else 200


def _absence(absence_id: UUID) -> Span:
    """One's own; a supervisor everybody's. A cancelled one has no note."""
    row = queries.get_absence(absence_id=absence_id)
    mine = row.user_id == _me()
    if row.cancelled_at is not None or not (mine or current_actor().can("desk.supervise")):
        raise NotFound
    return span_of(row)


def _lines_of(found: DeskContext, absent: UUID) -> dict[UUID, list[str]]:
    return found.worked() if absent == _me() else found.reviewed()


def _me() -> UUID:
    return user_id()


def _said(error: CoulisseError) -> str:
    first = next(iter(error.field_errors.values()), None)
    return text(first[0]) if first else text(error.message, error.params)


def _key(value: str) -> tuple[str, UUID]:
    slug, _, item_id = value.partition("/")
    return slug[:64], _uuid(item_id)


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Invalid from None
