"""How long documents stay, what may go now, and what is gone."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.documents import disposal_queries, retention, words
from app.documents.models import RELEASED
from app.documents.retention_queries import list_own
from app.documents.same_bytes import Holder, find_copies, going_of
from app.documents.schemas import ClientForm, KeepForm
from app.documents.services import disposing, keeping_longer
from app.documents.views.blueprint import bp
from app.documents.views.frame import current_client, page
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.other_client import check_client
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.get("/retention")
@tenant("document.read")
def retention_page(slug: str) -> ResponseReturnValue:
    return _page()


@bp.post("/retention/<uuid:disposal_id>/propose")
@tenant("document.keep")
def propose(slug: str, disposal_id: UUID) -> ResponseReturnValue:
    return _decide(slug, disposal_id, BoundForm(ClientForm, request.form), lambda _: (
        disposing.propose(disposal_id=disposal_id, actor=current_actor(), now=clock.now())
    ))  # fmt: skip


@bp.post("/retention/<uuid:disposal_id>/release")
@tenant("document.release")
def release(slug: str, disposal_id: UUID) -> ResponseReturnValue:
    return _decide(slug, disposal_id, BoundForm(ClientForm, request.form), lambda _: (
        disposing.release(disposal_id=disposal_id, actor=current_actor(), now=clock.now())
    ))  # fmt: skip


@bp.post("/retention/<uuid:disposal_id>/keep")
@tenant("document.keep")
def keep(slug: str, disposal_id: UUID) -> ResponseReturnValue:
    form = BoundForm(KeepForm, request.form, prefix=f"keep-{disposal_id}")
    return _decide(slug, disposal_id, form, lambda data: disposing.keep(
        disposal_id=disposal_id, reason=str(data["reason"]), actor=current_actor(),
        now=clock.now(),
    ))  # fmt: skip


def _decide(
    slug: str, disposal_id: UUID, form: BoundForm, act: Callable[[dict[str, object]], None]
) -> ResponseReturnValue:
    def work() -> None:
        check_client(slug)
        act(form.data)

    if carried_out(form, work):
        return redirect(url_for(".retention_page", slug=slug, done="saved"), 303)
    return _page(refused=(disposal_id, form))


def _page(refused: tuple[UUID, BoundForm] | None = None) -> Response:
    actor, country = current_actor(), current_client().country
    due = disposal_queries.list_due(actor=actor)
    keeps = {
        one.disposal.id: BoundForm(KeepForm, values={}, prefix=f"keep-{one.disposal.id}")
        for one in due
    }
    if refused is not None and "reason" in refused[1] and refused[0] in keeps:
        keeps[refused[0]] = refused[1]
    for form in keeps.values():
        form["client"].value = current_client().slug
    released = [one.document for one in due if one.disposal.state == RELEASED]
    copies = find_copies(documents=released)
    going = going_of(copies)
    today, chosen = keeping_longer.today_of(clock.now()), list_own()
    return page(
        "retention", due=due, keeps=keeps, states=words.DISPOSALS,
        held_by={
            which: [_named(one) for one in found.holders if one.document_id not in going]
            for which, found in copies.items() if which not in going
        },
        certificates=disposal_queries.list_certificates(actor=actor),
        rules=[(label, retention.years_on(name, country, today, chosen),
                retention.rule_on(name, country, today), retention.own_on(name, chosen, today))
               for name, label in retention.CLASSES.items()],
        may_retain=actor.can("document.retain"),
        why=refused[1].form_errors if refused else (),
        may_keep=lambda line: actor.can("document.keep", line),
        may_release=lambda line: actor.can("document.release", line),
        status=refused[1].status if refused else 200,
    )  # fmt: skip


def _named(holder: Holder) -> str:
    """By its number for those alone who see its line."""
    seen = holder.line in current_actor().visible_lines
    if holder.document is not None:
        named, other, number = _m("document %(number)s"), _m("another document"), holder.document
    elif holder.request is not None:
        named, other, number = _m("request %(number)s"), _m("another request"), holder.request
    else:
        return text(_m("another place"))
    return text(named, {"number": number}) if seen else text(other)
