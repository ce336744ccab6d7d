"""One of several addresses, contacts or e-invoice addresses: entered, changed, chosen, removed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.directory.models import Party
from app.directory.part_checking import VALUES
from app.directory.part_schemas import ADDRESS_KINDS, CHANGE, FORMS, NEW, SHOWN, PartForm
from app.directory.services import parts
from app.directory.views.blueprint import (
    bp,
    check_client,
    current_client,
    opened,
    page,
    party_url,
    territories,
    writer,
)
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant
from tenants.queries import get_tenant


@bp.get("/<int:party_number>/<part_kind>/new")
@tenant("directory.write")
def new_part(slug: str, party_number: int, part_kind: str) -> ResponseReturnValue:
    writer()
    party = opened(party_number)
    country = get_tenant().country
    values = {"kind": request.args.get("kind", "delivery"), "country": country}
    form = _form(part_kind, {**values, "client": slug, "version": party.version})
    return _page(party, part_kind, form)


@bp.post("/<int:party_number>/<part_kind>/new")
@tenant("directory.write")
def add_part(slug: str, party_number: int, part_kind: str) -> ResponseReturnValue:
    actor, party, form = writer(), opened(party_number), _form(part_kind)

    def work() -> None:
        check_client(slug)
        parts.add_part(
            party=party, kind=part_kind, values=_typed(part_kind, form),
            main="main" in request.form, expected_version=form.data["version"] or 0, actor=actor,
            now=clock.now(),
        )  # fmt: skip

    if carried_out(form, work):
        return redirect(party_url(slug, party, done="changed") + f"#{part_kind}", 303)
    return _page(opened(party_number), part_kind, form)


@bp.get("/<int:party_number>/<part_kind>/<uuid:part_id>")
@tenant("directory.write")
def edit_part(slug: str, party_number: int, part_kind: str, part_id: UUID) -> ResponseReturnValue:
    writer()
    party = opened(party_number)
    _form(part_kind, {})
    row = parts.get_part(party=party, kind=part_kind, part_id=part_id)
    values = {name: getattr(row, name) for name in VALUES[part_kind]}
    form = _form(part_kind, {**values, "client": slug, "version": party.version})
    return _page(party, part_kind, form, row)


@bp.post("/<int:party_number>/<part_kind>/<uuid:part_id>")
@tenant("directory.write")
def change_part(slug: str, party_number: int, part_kind: str, part_id: UUID) -> ResponseReturnValue:
    actor, party, form = writer(), opened(party_number), _form(part_kind)

    def work() -> None:
        check_client(slug)
        parts.change_part(
            party=party, kind=part_kind, part_id=part_id, values=_typed(part_kind, form),
            main="main" in request.form, expected_version=form.data["version"] or 0, actor=actor,
            now=clock.now(),
        )  # fmt: skip

    if carried_out(form, work):
        return redirect(party_url(slug, party, done="changed") + f"#{part_kind}", 303)
    party = opened(party_number)
    row = parts.get_part(party=party, kind=part_kind, part_id=part_id)
    return _page(party, part_kind, form, row)


@bp.post("/<int:party_number>/<part_kind>/<uuid:part_id>/main")
@tenant("directory.write")
def make_main(slug: str, party_number: int, part_kind: str, part_id: UUID) -> ResponseReturnValue:
    return _act(slug, party_number, part_kind, part_id, parts.make_main)


@bp.post("/<int:party_number>/<part_kind>/<uuid:part_id>/remove")
@tenant("directory.write")
def remove_part(slug: str, party_number: int, part_kind: str, part_id: UUID) -> ResponseReturnValue:
    return _act(slug, party_number, part_kind, part_id, parts.remove_part)


def _act(
    slug: str, number: int, part_kind: str, part_id: UUID, verb: Callable[..., None]
) -> ResponseReturnValue:
    actor, party = writer(), opened(number)
    form = BoundForm(PartForm, request.form)
    form.load()
    check_client(slug)
    verb(
        party=party, kind=part_kind, part_id=part_id,
        expected_version=form.data.get("version") or 0, actor=actor, now=clock.now(),
    )  # fmt: skip
    return redirect(party_url(slug, party, done="changed") + f"#{part_kind}", 303)


def _form(part_kind: str, values: dict[str, Any] | None = None) -> BoundForm:
    if part_kind not in FORMS:
        raise NotFound
    choices = {
        "country": territories(),
        "kind": [(code, text(label)) for code, label in ADDRESS_KINDS.items()],
    }
    if values is None:
        return BoundForm(FORMS[part_kind], request.form, choices=choices)
    return BoundForm(FORMS[part_kind], values=values, choices=choices)


def _typed(part_kind: str, form: BoundForm) -> dict[str, Any]:
    return {name: form.data[name] for name in VALUES[part_kind]}


def _page(party: Party, kind: str, form: BoundForm, row: Any = None) -> ResponseReturnValue:
    rows = [[form[name] for name in names] for names in SHOWN[kind]]
    if row is not None and kind == "addresses":
        # An address keeps its kind.
        form["kind"].input = "hidden"
    url = url_for(
        "directory.change_part" if row is not None else "directory.add_part",
        slug=current_client().slug, party_number=party.number, part_kind=kind,
        **({"part_id": row.id} if row is not None else {}),
    )  # fmt: skip
    title = text((CHANGE if row is not None else NEW)[kind])
    shown = page(
        "part", party=party, form=form, rows=rows, title=title, action=url,
        is_main=row is not None and row.main,
    )  # fmt: skip
    return shown, form.status
