"""How a company's banks lay out their CSV files."""

from datetime import datetime

from sqlalchemy import select

from app.finance.csv_layouts import MEANINGS, Layout
from app.finance.currencies import is_currency
from app.finance.iban import compact, is_iban
from app.finance.models import BankCsvProfile
from app.finance.statement_queries import list_profiles
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.keys import data_key
from tenants.permissions import Actor


def list_layouts() -> list[Layout]:
    """The company's own, the newest first."""
    return [layout_of(row) for row in list_profiles()]


def layout_of(row: BankCsvProfile) -> Layout:
    account = ""
    if row.account_sealed:
        account = data_key().open(row.account_sealed, account_place(row))
    return Layout(
        name=row.name, separator=row.separator, date_format=row.date_format,
        decimal_mark=row.decimal_mark, encoding=row.encoding, skip_rows=row.skip_rows,
        currency=row.currency, account=account,
        columns=tuple((meaning, heading) for meaning, heading in row.columns["columns"]),
    )  # fmt: skip


def account_place(row: BankCsvProfile) -> str:
    return f"{row.tenant_id}|bank_csv_profiles.account|{row.id}"


def check_layout(layout: Layout) -> None:
    """What no file could be read by is refused at its field."""
    known = [meaning for meaning, _heading in layout.columns]
    errors: dict[str, list[str]] = {}
    if "booked_on" not in known:
        errors["columns"] = [_m("Say which column holds the booking date.")]
    elif not {"amount", "debit", "credit"} & set(known):
        errors["columns"] = [_m("Say which column holds the amount, or debit and credit.")]
    elif "amount" in known and {"debit", "credit"} & set(known):
        errors["columns"] = [_m("Choose either one column of amounts, or debit and credit.")]
    else:
        twice = [one for one in MEANINGS if known.count(one) > 1 and one != "remittance"]
        if twice:
            errors["columns"] = [_m("Only the text may stand in several columns.")]
    if "currency" not in known and not is_currency(layout.currency):
        errors["currency"] = [_m("Write the currency as three letters, like EUR.")]
    if layout.account and not is_iban(compact(layout.account)):
        errors["account"] = [_m("This is no valid IBAN.")]
    if errors:
        raise Invalid(field_errors=errors)


def save_profile(*, layout: Layout, actor: Actor, now: datetime) -> BankCsvProfile:
    """A profile of the same name is replaced."""
    actor.require("payment_control.work", "finance")
    check_layout(layout)
    if not layout.name.strip():
        raise Invalid(field_errors={"name": [_m("Give the profile a name, like the bank's.")]})
    row = db.session.execute(
        select(BankCsvProfile).where(
            BankCsvProfile.tenant_id == actor.tenant_id, BankCsvProfile.name == layout.name
        )
    ).scalar_one_or_none()
    if row is None:
        row = BankCsvProfile(id=uuid7(), tenant_id=actor.tenant_id, name=layout.name)
    account = compact(layout.account)
    row.account_sealed = data_key().seal(account, account_place(row)) if account else ""
    row.separator, row.encoding, row.skip_rows = layout.separator, layout.encoding, layout.skip_rows
    row.date_format, row.decimal_mark = layout.date_format, layout.decimal_mark
    row.currency, row.columns = layout.currency, {"columns": [list(c) for c in layout.columns]}
    row.changed_by, row.changed_at = actor.user_id, now
    db.session.add(row)
    db.session.flush()
    audit.record(
        "finance.bank_csv_profile.saved", actor=actor, now=now, object_type="bank_csv_profile",
        object_id=row.id, columns=len(layout.columns),
    )  # fmt: skip
    return row
