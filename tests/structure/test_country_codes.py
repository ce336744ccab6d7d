from babel import Locale

from app.subscription.countries import CODES

# Groups, tests and places without an ISO code of their own.
NONE = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "IC", "EA", "AC", "CP", "DG", "TA", "CQ", "XK"}


def test_every_country_that_has_a_name_can_be_chosen() -> None:
    known = {code for code in map(str, Locale("en").territories) if len(code) == 2}
    assert {code for code in known if code.isalpha()} - NONE == set(CODES)
    assert sorted(CODES) == CODES
