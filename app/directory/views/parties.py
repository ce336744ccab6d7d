from datetime import datetime
from typing import Any

from babel import Locale
from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.directory import identifiers, queries
from app.directory.checking import checked
from app.directory.conflicts import AlreadyThere, LooksAlike, find_taken
from app.directory.data import ACCOUNT_FIELDS, FIELDS, made
from app.directory.models import SCHEMES, Party
from app.directory.schemas import (
    KINDS,
    LANGUAGE_NAMES,
    SECTIONS,
    AccountForm,
    ActForm,
    PartyForm,
    RefuseForm,
    ReleaseForm,
)
from app.directory.services import parties
from app.directory.showing import card_of, data_of
from app.directory.views.blueprint import (
    bp,
    check_client,
    current_client,
    opened,
    page,
    party_url,
    territories,
    today_here,
    writer,
)
from app.web.forms import BoundForm
from app.web.i18n import language, text
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.errors import CoulisseError, Invalid
from tenants.endpoints import tenant
from tenants.queries import get_tenant


def _form(values: dict[str, Any] | None = None) -> BoundForm:
    choices = {"billing_country": territories(), "delivery_country": territories()}
    if values is None:
        return BoundForm(PartyForm, request.form, choices=choices)
    return BoundForm(PartyForm, values=values, choices=choices)


class Refused:
    """Who stands there already, for a link beside the refusal."""

    def __init__(self) -> None:
        self.others: list[Party] = []
        self.alike = False

    def note(self, error: CoulisseError) -> None:
        if isinstance(error, AlreadyThere | LooksAlike):
            self.others = [queries.get_current_party(party_id=one.id) for one in error.others]
            self.alike = isinstance(error, LooksAlike)


def _sections(form: BoundForm, *, account: bool) -> list[tuple[str, list[list[Any]]]]:
    return [
        (text(title), [[form[name] for name in row] for row in rows])
        for title, rows in SECTIONS
        if account or rows[0][0] not in ACCOUNT_FIELDS
    ]


def _form_page(
    slug: str, form: BoundForm, refused: Refused, party: Party | None = None
) -> ResponseReturnValue:
    shown = page(
        "form", form=form, party=party, sections=_sections(form, account=party is None),
        refused=refused,
    )  # fmt: skip
    return shown, form.status


@bp.get("/new")
@tenant("directory.write")
def new_party(slug: str) -> ResponseReturnValue:
    writer()
    role = request.args.get("role", "customer")
    values = {
        "client": slug, "customer": role != "supplier", "supplier": role == "supplier",
        "currency": "EUR", "billing_country": get_tenant().country,
    }  # fmt: skip
    return _form_page(slug, _form(values), Refused())


@bp.post("/new")
@tenant("directory.write")
def create(slug: str) -> ResponseReturnValue:
    actor, form, refused, found = writer(), _form(), Refused(), []

    def work() -> None:
        check_client(slug)
        try:
            found.append(
                parties.create_party(
                    data=made(form.data), anyway=form.data["anyway"], actor=actor, now=clock.now()
                )
            )
        except CoulisseError as error:
            refused.note(error)
            raise

    if carried_out(form, work):
        return redirect(party_url(slug, found[0], done="created"), 303)
    return _form_page(slug, form, refused)


@bp.get("/<int:party_number>")
@tenant("directory.read")
def show(slug: str, party_number: int) -> ResponseReturnValue:
    party = opened(party_number)
    parts = queries.load_parts([party.id])[party.id]
    merged = queries.get_current_party(party_id=party.id) if party.merged_into else None
    merges = queries.list_merges(party_id=party.id)
    others = queries.list_by_ids([one.merged_id for one in merges])
    return page(
        "show", party=party, parts=parts, card=card_of(party, parts), merged=merged,
        merges=[(one, others[one.merged_id]) for one in merges],
        names={scheme: text(label) for scheme, label in identifiers.LABELS.items()},
        schemes=SCHEMES, kinds=KINDS, today=today_here(), languages=LANGUAGE_NAMES,
        territories=Locale(language()).territories, **account_forms(slug),
    )  # fmt: skip


def account_forms(slug: str) -> dict[str, Any]:
    return {
        "account_form": BoundForm(AccountForm, values={"client": slug}, prefix="account"),
        "release_form": BoundForm(ReleaseForm, values={"client": slug}, prefix="release"),
        "refuse_form": BoundForm(RefuseForm, values={"client": slug}, prefix="refuse"),
    }


@bp.get("/<int:party_number>/edit")
@tenant("directory.write")
def edit(slug: str, party_number: int) -> ResponseReturnValue:
    writer()
    party = opened(party_number)
    data = data_of(party, queries.load_parts([party.id])[party.id])
    values = {name: getattr(data, name) for name in FIELDS}
    form = _form({**values, "client": slug, "version": party.version})
    return _form_page(slug, form, Refused(), party)


@bp.post("/<int:party_number>/edit")
@tenant("directory.write")
def change(slug: str, party_number: int) -> ResponseReturnValue:
    actor, party, form, refused = writer(), opened(party_number), _form(), Refused()

    def work() -> None:
        check_client(slug)
        try:
            parties.update_party(
                party=party, data=made(form.data), expected_version=form.data["version"] or 0,
                actor=actor, now=clock.now(),
            )  # fmt: skip
        except CoulisseError as error:
            refused.note(error)
            raise

    if carried_out(form, work):
        return redirect(party_url(slug, party, done="changed"), 303)
    return _form_page(slug, form, refused, opened(party_number))


@bp.post("/check")
@tenant("directory.write")
def check(slug: str) -> ResponseReturnValue:
    """One field as it is typed: what is wrong with it, or who has this number already."""
    writer()
    name, client = request.args.get("field", ""), current_client()
    if name not in (*SCHEMES, "iban", "endpoint_value"):
        raise Invalid
    form = _form()
    form.load()
    typed = {key: value for key, value in form.typed().items() if isinstance(value, str)}
    company = get_tenant()
    data, problems = checked(
        made({"name": "–", **{k: v for k, v in typed.items() if k in FIELDS and k not in (
            "payment_days", "customer", "supplier", "end_of_month")}}),
        language=company.document_language, country=company.country,
    )  # fmt: skip
    taken = []
    if name in SCHEMES and name not in problems and getattr(data, name):
        number = request.form.get("party_number", "")
        taken = [
            one.party
            for one in find_taken(data)
            if one.field == name and str(one.party.number) != number
        ]
    return render_template(
        "directory/_check.html", client=client, field=name, problems=problems.get(name, []),
        taken=taken[:1], sound=bool(typed.get(name)),
    )  # fmt: skip


@bp.post("/<int:party_number>/archive")
@tenant("directory.write")
def archive(slug: str, party_number: int) -> ResponseReturnValue:
    return _act(slug, party_number, "archived")


@bp.post("/<int:party_number>/restore")
@tenant("directory.write")
def restore(slug: str, party_number: int) -> ResponseReturnValue:
    return _act(slug, party_number, "restored")


def _act(slug: str, number: int, what: str) -> ResponseReturnValue:
    actor, party = writer(), opened(number)
    BoundForm(ActForm, request.form).load()
    check_client(slug)
    now: datetime = clock.now()
    verb = parties.archive_party if what == "archived" else parties.restore_party
    verb(party=party, actor=actor, now=now)
    return redirect(party_url(slug, party, done=what), 303)
