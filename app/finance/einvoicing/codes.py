"""Countries and currencies that every rule set of e-invoices knows."""

from app.directory.checking import countries
from app.finance.currencies import is_currency

# Kosovo has no code of ISO 3166: the rule sets know it by one of their own.
_WRITTEN = {"XK": "1A"}
# Bulgaria has the euro since 2026; the dobra of 2018 isn't in all of the lists. Statements and open
# items in them are read all the same.
_NOT_LISTED = frozenset({"BGN", "STN"})


# South Sudan isn't in the list of France's extended rules for CII.
NOT_IN_EXTENDED_CTC = frozenset({"SS"})


def is_listed_country(code: str) -> bool:
    return code in countries()


def written_country(code: str) -> str:
    return _WRITTEN.get(code, code)


def is_listed_currency(code: str) -> bool:
    return is_currency(code) and code not in _NOT_LISTED
