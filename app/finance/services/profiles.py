"""How a company's banks lay out their CSV files."""

from app.finance.csv_layouts import Layout
from app.finance.models import BankCsvProfile
from app.finance.statement_queries import list_profiles
from tenants.keys import data_key


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
