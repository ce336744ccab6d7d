from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.directory.models import Party
from app.directory.queries import get_account, load_parts
from app.directory.schemas import AccountForm, ActForm, RefuseForm, ReleaseForm
from app.directory.services import accounts
from app.directory.views.blueprint import bp, check_client, opened, page, party_url, writer
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.post("/<int:party_number>/accounts")
@tenant("directory.write")
def add_account(slug: str, party_number: int) -> ResponseReturnValue:
    actor, party = writer(), opened(party_number)
    form = BoundForm(AccountForm, request.form, prefix="account")

    def work() -> None:
        check_client(slug)
        values = {name: form.data[name] for name in ("iban", "bic", "holder", "source")}
        accounts.add_account(party=party, **values, actor=actor, now=clock.now())

    if carried_out(form, work):
        return redirect(party_url(slug, party, done="account") + "#accounts", 303)
    url = url_for("directory.add_account", slug=slug, party_number=party_number)
    return _again(party, form, text(_m("Another bank account")), url)


@bp.post("/<int:party_number>/accounts/<uuid:account_id>/release")
@tenant("directory.release")
def release_account(slug: str, party_number: int, account_id: UUID) -> ResponseReturnValue:
    actor, party = writer(), opened(party_number)
    account = get_account(party_id=party.id, account_id=account_id)
    form = BoundForm(ReleaseForm, request.form, prefix="release")

    def work() -> None:
        check_client(slug)
        accounts.release_account(
            party=party, account=account, called_number=form.data["called_number"],
            called_person=form.data["called_person"], actor=actor, now=clock.now(),
        )  # fmt: skip

    if carried_out(form, work):
        return redirect(party_url(slug, party, done="released") + "#accounts", 303)
    return _again(party, form, text(_m("Release the account")), request.path)


@bp.post("/<int:party_number>/accounts/<uuid:account_id>/refuse")
@tenant("directory.write")
def refuse_account(slug: str, party_number: int, account_id: UUID) -> ResponseReturnValue:
    actor, party = writer(), opened(party_number)
    account = get_account(party_id=party.id, account_id=account_id)
    form = BoundForm(RefuseForm, request.form, prefix="refuse")

    def work() -> None:
        check_client(slug)
        accounts.refuse_account(
            party=party, account=account, note=form.data["note"], actor=actor, now=clock.now()
        )

    if carried_out(form, work):
        return redirect(party_url(slug, party, done="refused") + "#accounts", 303)
    return _again(party, form, text(_m("Refuse the account")), request.path)


@bp.post("/<int:party_number>/accounts/<uuid:account_id>/retire")
@tenant("directory.write")
def retire_account(slug: str, party_number: int, account_id: UUID) -> ResponseReturnValue:
    actor, party = writer(), opened(party_number)
    account = get_account(party_id=party.id, account_id=account_id)
    BoundForm(ActForm, request.form).load()
    check_client(slug)
    accounts.retire_account(party=party, account=account, actor=actor, now=clock.now())
    return redirect(party_url(slug, party, done="retired") + "#accounts", 303)


def _again(party: Party, form: BoundForm, title: str, action: str) -> ResponseReturnValue:
    parts = load_parts([party.id])[party.id]
    return page("act", party=party, parts=parts, form=form, title=title, action=action), form.status
