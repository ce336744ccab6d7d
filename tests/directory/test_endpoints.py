"""Electronic addresses that are numbers, by the rules of the countries that give them."""

import pytest
from stdnum.eu import vat as european

from app.directory import endpoints

SOUND = {
    "9957": "FR44732829320", "9930": "DE136695976", "9925": "BE0403019261",
    "9944": "NL004495445B01", "9938": "LU15027442", "9914": "ATU13585627", "0211": "IT00743110157",
    "9920": "ESB58378431", "9945": "PL8567346215", "9927": "CHE107787577IVA", "9932": "GB980780684",
}  # fmt: skip


@pytest.mark.parametrize("scheme", SOUND)
def test_a_vat_number_is_of_the_country_of_its_address(scheme: str) -> None:
    assert endpoints.read(scheme, SOUND[scheme]) == SOUND[scheme]
    for other, value in SOUND.items():
        if other != scheme:
            with pytest.raises(ValueError, match="another country"):
                endpoints.read(scheme, value)
    if SOUND[scheme][:2].lower() in european.MEMBER_STATES:
        with pytest.raises(ValueError, match="not a VAT number"):
            endpoints.read(scheme, SOUND[scheme][:-1])


@pytest.mark.parametrize(
    ("scheme", "typed", "read"),
    [
        ("0208", "0403.019.261", "0403019261"),
        ("0208", "BE 0403 019 261", "0403019261"),
        ("0106", "12345678", "12345678"),
        ("0190", "0000 0001 0021 2345 6000", "00000001002123456000"),
        ("0184", "13585628", "13585628"),
        ("0184", "dk13585628", "DK13585628"),
        ("0007", "123456-7897", "1234567897"),
        ("0192", "988 077 917", "988077917"),
    ],
)
def test_a_number_is_read_in_its_usual_form(scheme: str, typed: str, read: str) -> None:
    assert endpoints.read(scheme, typed) == read
    wrong = (typed[:-1] + str((int(typed[-1]) + 1) % 10), typed[:-1], "0" * len(read), "٣" * 9, "x")
    for one in wrong[scheme in ("0106", "0190") :]:
        with pytest.raises(ValueError, match="not a number of that kind"):
            endpoints.read(scheme, one)
