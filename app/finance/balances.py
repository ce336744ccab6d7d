from app.finance.read_results import Balance
from app.spreadsheets.reasons import Reason
from tenants.core.text import _m


def balance_problem(
    opening: Balance | None, closing: Balance | None, currency: str
) -> Reason | None:
    """Why the two can't be compared with the lines; None where they can."""
    if opening is None and closing is None:
        return Reason("balances_missing", _m("The statement has no opening and closing balance."))
    if opening is None:
        return Reason("opening_missing", _m("The statement has no opening balance."))
    if closing is None:
        return Reason("closing_missing", _m("The statement has no closing balance."))
    if {opening.currency, closing.currency} == {currency}:
        return None
    return Reason(
        "balance_currencies",
        _m(
            "The opening balance is in %(opening)s, the closing balance in %(closing)s, the "
            "account in %(account)s: they can't be compared."
        ),
        {"opening": opening.currency, "closing": closing.currency, "account": currency},
    )
