"""What a period's usage comes to if it goes on as it went so far.

A straight line over the hours of the period, weekends included: usage doesn't say by whose calendar
it was worked, and a line is what a reader can check by hand. The first days say too little.
"""

from datetime import datetime, timedelta
from fractions import Fraction

KNOWN_AFTER = timedelta(days=3)


def forecast(used: int, *, start: datetime, end: datetime, now: datetime) -> int | None:
    """Whole units, rounded up; None while nothing can be said."""
    found = projected(used, start=start, end=end, now=now)
    return None if found is None else -(-found.numerator // found.denominator)


def projected(used: int, *, start: datetime, end: datetime, now: datetime) -> Fraction | None:
    """The same unrounded. More corrections than usage don't go on."""
    if now >= end:
        return Fraction(used)
    if now - start < KNOWN_AFTER:
        return None
    if used < 0:
        return Fraction(used)
    return Fraction(used) * _seconds(end - start) / _seconds(now - start)


def _seconds(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), 1_000_000)
