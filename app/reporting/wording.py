"""A report's plain data in the words of one language."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from app.catalogue.lines import LINES
from app.reporting.content import Content
from app.reporting.labels import Translate, labels
from app.service_levels.words import CLOCK_NAMES, REASON_NAMES
from app.service_requests.transitions import CLIENT_STATES, STATES, seen_by
from app.web.formats import (
    date_text,
    datetime_text,
    money_text,
    number_text,
    percent_text,
    time_left,
)
from billing.plans import METERS

NONE = "–"


class Wording:
    """Of one content in one language; the reader is the client."""

    def __init__(self, content: Content, language: str, translate: Translate) -> None:
        self.content, self.language, self.translate = content, language, translate
        self.labels = labels(translate)
        self.zone = ZoneInfo(content["zone"])

    def say(self, label: str, /, **params: Any) -> str:
        return self.labels[label] % params if params else self.labels[label]

    def line(self, code: str) -> str:
        return self.translate(LINES.get(code, code))

    def clock(self, code: str) -> str:
        return self.translate(CLOCK_NAMES[code])

    def reason(self, code: str) -> str:
        return self.translate(REASON_NAMES.get(code, code))

    def meter(self, code: str) -> str:
        return self.translate(METERS[code][1]) if code in METERS else code

    def item(self, code: str) -> str:
        return in_language(self.content["titles"].get(code, {}), self.language) or code

    def subject(self, point: Mapping[str, Any]) -> str:
        return f"{in_language(point['item'], self.language)} {point['title']}".strip()

    def state(self, code: str) -> str:
        seen = seen_by("client", code)
        return self.translate(CLIENT_STATES.get(seen, STATES[seen]))

    def month(self, name: str) -> str:
        """“October 2026”."""
        return self.month_in(date.fromisoformat(f"{name}-01"), self.language)

    @staticmethod
    def month_in(month: date, language: str) -> str:
        return format_date(month, "LLLL yyyy", locale=language)

    def day(self, stored: str) -> str:
        """Of a day, or of a moment in the contract's zone."""
        if "T" in stored:
            return date_text(self._local(stored).date(), self.language)
        return date_text(date.fromisoformat(stored), self.language)

    def moment(self, stored: str) -> str:
        return datetime_text(self._local(stored), self.language)

    def last_day(self, until: str) -> str:
        """The one that ends at that midnight."""
        return date_text((self._local(until) - timedelta(microseconds=1)).date(), self.language)

    def _local(self, stored: str) -> datetime:
        return datetime.fromisoformat(stored).astimezone(self.zone)

    def minutes(self, count: int | None) -> str:
        return NONE if count is None else time_left(count)

    def money(self, cents: int) -> str:
        return money_text(cents, "EUR", self.language)

    def number(self, count: float) -> str:
        return number_text(count, self.language)

    def share(self, part: int, whole: int) -> str:
        return percent_text(part / whole, self.language) if whole else NONE

    def basis(self, points: int) -> str:
        return percent_text(points / 10_000, self.language)


def in_language(words: Mapping[str, str], language: str) -> str:
    return words.get(language) or words.get("en", "")
