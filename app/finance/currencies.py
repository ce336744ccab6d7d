"""Strict amounts as files carry them: never rounded, never without limit."""

import re
from decimal import Decimal

from tenants.core.money import exponent

_CODES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
    GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR
    KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
    MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - a list of 160 codes reads better as text
)
_PLAIN_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?|[+-]?\.[0-9]+")
_MAX_MINOR = 10**15


class TooPrecise(ValueError):
    """The amount has more decimals than its currency."""


def is_currency(code: str) -> bool:
    return code in _CODES


def to_minor(value: Decimal, currency: str) -> int:
    scaled = value.scaleb(exponent(currency))
    minor = int(scaled)
    if minor != scaled:
        raise TooPrecise(value)
    if abs(minor) > _MAX_MINOR:
        raise ValueError(value)
    return minor


def parse_minor(text: str, currency: str) -> int:
    """Reads a plain decimal with a point, as XML carries it."""
    if len(text) > 40 or not _PLAIN_DECIMAL.fullmatch(text):
        raise ValueError(text)
    return to_minor(Decimal(text), currency)


def to_decimal(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency))
