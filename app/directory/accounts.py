"""Bank accounts: what an IBAN must be, and how it is shown."""

from dataclasses import dataclass

from tenants.core.text import _m

NOT_AN_IBAN = _m("This is not an IBAN: a digit or letter must be wrong or missing.")
NOT_A_BIC = _m("This is not a BIC: eight or eleven letters and digits.")
OTHER_BANK = _m("This BIC belongs to a bank in another country than the IBAN.")


@dataclass(frozen=True, slots=True)
class Account:
    iban: str
    bic: str
    bank_name: str

    @property
    def shown(self) -> str:
        return f"{self.iban[:4]} … {self.iban[-4:]}"


def read_account(iban: str, bic: str = "") -> Account:
    """ValueError says in our words what is wrong; an empty BIC is found where the register has it."""
    found = read_iban(iban)
    given = read_bic(bic)
    if given and given[4:6] != found[:2] and found[:2] not in _SHARED.get(given[4:6], ()):
        raise ValueError(OTHER_BANK)
    from schwifty import IBAN

    known = IBAN(found)
    return Account(found, given or str(known.bic or ""), str(known.bank_name or ""))


def read_iban(typed: str) -> str:
    from schwifty import IBAN
    from schwifty.exceptions import SchwiftyException

    plain = "".join(typed.replace("-", "").replace(".", "").split()).upper()
    try:
        return str(IBAN(plain).compact)
    except (SchwiftyException, ValueError) as error:
        raise ValueError(NOT_AN_IBAN) from error


def read_bic(typed: str) -> str:
    plain = "".join(typed.split()).upper()
    if not plain:
        return ""
    from schwifty import BIC
    from schwifty.exceptions import SchwiftyException

    try:
        return str(BIC(plain).compact)
    except (SchwiftyException, ValueError) as error:
        raise ValueError(NOT_A_BIC) from error


# Banks of these countries have the BICs of the first.
_SHARED = {"FR": ("MC", "GP", "MQ", "RE", "GF"), "GB": ("GG", "JE", "IM")}
