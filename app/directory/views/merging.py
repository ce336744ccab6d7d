from typing import Any
from uuid import UUID

from flask import redirect, request
from flask.typing import ResponseReturnValue

from app.directory import queries
from app.directory.data import LABELS
from app.directory.models import Party
from app.directory.schemas import ActForm, MergeForm
from app.directory.services import merging
from app.directory.views.blueprint import bp, check_client, opened, page, party_url, writer
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.errors import Conflict
from tenants.endpoints import tenant


@bp.get("/<int:party_number>/merge")
@tenant("directory.write")
def preview_merge(slug: str, party_number: int) -> ResponseReturnValue:
    writer()
    return _page(slug, opened(party_number))


def _page(slug: str, kept: Party, form: BoundForm | None = None) -> ResponseReturnValue:
    typed = form["other"].value if form else request.args.get("other", "")
    search = request.args.get("q", "").replace("\0", "").strip()[:120]
    other, found, problem = None, None, ""
    if str(typed or "").isascii() and str(typed or "").isdigit() and len(str(typed)) < 10:
        other = queries.get_party_by_number(number=int(str(typed)))
        try:
            found = merging.plan(kept=kept, other=other)
        except Conflict as error:
            problem = text(error.message, error.params)
    choices = []
    if other is None and search:
        page_of = queries.list_parties(search=search, state="all", limit=10)
        choices = [row for row in page_of.items if row.id != kept.id]
    values: dict[str, Any] = {"client": slug}
    if other is not None:
        values |= {"other": other.number, "kept_version": kept.version,
                   "other_version": other.version}  # fmt: skip
    shown = form or BoundForm(MergeForm, values=values)
    html = page(
        "merge", party=kept, other=other, plan=found, problem=problem, search=search,
        choices=choices, form=shown, labels=LABELS, values=values,
    )  # fmt: skip
    return html, shown.status if form else 200


@bp.post("/<int:party_number>/merge")
@tenant("directory.write")
def merge(slug: str, party_number: int) -> ResponseReturnValue:
    actor, kept = writer(), opened(party_number)
    form = BoundForm(MergeForm, request.form)

    def work() -> None:
        check_client(slug)
        merging.merge(
            kept=kept, other=queries.get_party_by_number(number=form.data["other"]),
            expected=(form.data["kept_version"], form.data["other_version"]), actor=actor,
            now=clock.now(),
        )  # fmt: skip

    if carried_out(form, work):
        return redirect(party_url(slug, opened(party_number), done="merged"), 303)
    return _page(slug, opened(party_number), form)


@bp.post("/<int:party_number>/merges/<uuid:merge_id>/undo")
@tenant("directory.write")
def undo_merge(slug: str, party_number: int, merge_id: UUID) -> ResponseReturnValue:
    actor, kept = writer(), opened(party_number)
    BoundForm(ActForm, request.form).load()
    check_client(slug)
    other = merging.undo_merge(kept=kept, merge_id=merge_id, actor=actor, now=clock.now())
    return redirect(party_url(slug, other, done="parted"), 303)
