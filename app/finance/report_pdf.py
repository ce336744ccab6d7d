import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.documents.typesetting import typeset
from app.finance.continuity import GOOD
from app.finance.reconciliation import Reconciliation, Totals
from app.finance.report import (
    BalanceCheck,
    MatchedLine,
    OpenPosition,
    Rejected,
    Report,
    UnmatchedLine,
    age_bucket,
    aged,
)
from app.finance.report_labels import labels
from app.finance.wording import Translate, day, iban, long_day, money, percent_text, render_reason

TEMPLATE = Path(__file__).with_name("report.typ")
# A reader of paper stops long before; the spreadsheet holds every row.
MAX_ROWS = 2_000
DEFAULT_ACCENT = "#1f6f6b"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TEXT = 160


def report_pdf(report: Report, *, locale: str, translate: Translate) -> bytes:
    return typeset(
        TEMPLATE,
        _Printed(report, locale, translate).data(),
        dated=report.prepared_at,
        lang=locale[:2],
    )


def joined(matched: Sequence[MatchedLine]) -> list[tuple[MatchedLine, bool]]:
    """Each match, and whether the one before it is of the same line."""
    found, before = [], None
    for line in matched:
        here = (line.statement, line.position)
        found.append((line, here == before))
        before = here
    return found


class _Printed:
    def __init__(self, report: Report, locale: str, translate: Translate) -> None:
        self.report = report
        self.locale = locale
        self.translate = translate
        self.labels = labels(translate)
        self.currencies = {b.currency for b in report.balances} | set(report.counts.totals)

    def data(self) -> dict[str, Any]:
        report = self.report
        accent = report.accent if _COLOUR.fullmatch(report.accent) else DEFAULT_ACCENT
        return {
            "labels": self.labels,
            "client": report.client_name,
            "accent": accent,
            "facts": self._facts(),
            "balances": [self._balance(check) for check in report.balances],
            "bars": [self._bar(c, t) for c, t in report.counts.totals.items()],
            "counts": self._counts(report.counts),
            "differences": self._differences(report.counts),
            "matched": self._rows(joined(report.matched), self._matched),
            "unmatched": self._rows(report.unmatched, self._unmatched),
            "ages": self._ages(),
            "open": self._rows(
                sorted(report.open_items, key=lambda i: (i.due_on, i.number)), self._open
            ),
            "rejects": self._rows(report.rejects, self._reject),
            "sources": [
                [self.labels[f"source_{s.kind}"], s.name, s.sha256] for s in report.sources
            ],
        }

    def _facts(self) -> list[list[str]]:
        report = self.report
        facts = [[self.labels["request"], report.request]] if report.request else []
        if report.starts_on and report.ends_on:
            period = self.labels["period_from_to"] % {
                "start": day(report.starts_on, self.locale),
                "end": day(report.ends_on, self.locale),
            }
            facts.append([self.labels["period"], period])
        accounts = ", ".join(dict.fromkeys(iban(b.account) for b in report.balances))
        facts.append([self.labels["account"], accounts or "–"])
        facts.append([self.labels["prepared"], long_day(report.prepared_at, self.locale)])
        facts.append([self.labels["prepared_by"], report.prepared_by])
        return facts

    def _balance(self, check: BalanceCheck) -> dict[str, Any]:
        rows = [
            [self.labels["opening"], self._maybe(check.opening, check.currency)],
            [self.labels["movements"], self._signed(check.movements, check.currency)],
        ]
        if check.opening is not None and check.difference is not None:
            expected = check.opening + check.movements
            rows.append([self.labels["expected"], self._money(expected, check.currency)])
        rows.append([self.labels["closing"], self._maybe(check.closing, check.currency)])
        if check.difference:
            rows.append([self.labels["difference"], self._signed(check.difference, check.currency)])
        note = self.labels["balanced" if check.difference == 0 else "not_balanced"]
        if check.problem:
            note = render_reason(check.problem, self.translate, self.locale)
        accepted = ""
        if check.accepted_reason:
            accepted = self.labels["accepted"] % {
                "name": check.accepted_by,
                "reason": check.accepted_reason,
            }
        return {
            "name": check.statement,
            "rows": rows,
            "good": check.difference == 0,
            "note": note,
            "continuity": render_reason(check.continuity, self.translate, self.locale)
            if check.continuity
            else "",
            "follows": check.continuity is None or check.continuity.code in GOOD,
            "accepted": accepted,
        }

    def _bar(self, currency: str, totals: Totals) -> dict[str, Any]:
        parts = [
            ("paid", totals.paid),
            ("part_paid_amount", totals.part_paid),
            *([("waived", totals.waived)] if totals.differences else []),
            ("open", totals.outstanding),
        ]
        whole = sum(max(amount, 0) for _, amount in parts) or 1
        shown = [self._money(amount, currency) for _, amount in parts]
        return {
            "total": self._money(totals.items, currency),
            "alt": self.labels["bar_alt"] % {"paid": shown[0], "part": shown[1], "open": shown[-1]},
            "parts": [
                {
                    "key": key,
                    "label": self.labels[key],
                    "amount": text,
                    "share": max(amount, 0) / whole,
                    "percent": percent_text(round(max(amount, 0) * 100 / whole), self.locale),
                }
                for (key, amount), text in zip(parts, shown, strict=True)
            ],
        }

    def _counts(self, counts: Reconciliation) -> list[dict[str, Any]]:
        return [
            {
                "title": self.labels["open_items_in"],
                "total": counts.items_in,
                "parts": [
                    [self.labels["paid"], counts.paid],
                    [self.labels["part_paid"], counts.part_paid],
                    [self.labels["open"], counts.open],
                    [self.labels["rejected"], counts.items_rejected],
                ],
            },
            {
                "title": self.labels["lines_in"],
                "total": counts.lines_in,
                "parts": [
                    [self.labels["used"], counts.used],
                    [self.labels["unmatched"], counts.unmatched],
                    [self.labels["rejected"], counts.lines_rejected],
                ],
            },
        ]

    def _differences(self, counts: Reconciliation) -> list[list[str]]:
        return [
            [
                self.labels[f"kind_{kind}"],
                str(count),
                self._signed(amount, currency),
            ]
            for currency, totals in counts.totals.items()
            for kind, (count, amount) in sorted(totals.differences.items())
        ]

    def _matched(self, row: tuple[MatchedLine, bool]) -> list[str]:
        """The line's own cells once, above all that it paid."""
        line, follows = row
        if line.confidence is None or line.explanation is None:
            reason = line.explanation
            said = render_reason(reason, self.translate, self.locale) if reason else ""
            why = line.note or said or self.labels["by_hand"]
            sure = self.labels["by_hand"]
        else:
            why = render_reason(line.explanation, self.translate, self.locale)
            if follows and "numbers" in line.explanation.params and not line.difference:
                why = ""
            sure = percent_text(line.confidence, self.locale)
        extra = ""
        if line.difference:
            kind = self.labels[f"kind_{line.difference_kind}"]
            extra = f"{self._signed(line.difference, line.currency)} {kind}"
        return [
            day(line.booked_on, self.locale),
            f"↳ {self.labels['same_line']}" if follows else line.name or "–",
            line.item_number,
            line.customer,
            self._money(line.allocated, line.currency),
            why,
            sure,
            extra,
            self.labels["learned"] if line.learned else "",
        ]

    def _unmatched(self, line: UnmatchedLine) -> list[str]:
        text = self.labels["rest_of_line"] if line.is_rest else line.text[:_TEXT]
        return [
            day(line.booked_on, self.locale),
            line.name or "–",
            " · ".join(t for t in (text, line.note) if t) or "–",
            self._signed(line.amount, line.currency),
        ]

    def _open(self, item: OpenPosition) -> list[str]:
        late = (self.report.as_of - item.due_on).days
        return [
            item.number,
            item.customer,
            day(item.due_on, self.locale),
            str(late) if late > 0 else "–",
            self._money(item.remaining, item.currency),
            str(age_bucket(item.due_on, self.report.as_of)),
        ]

    def _reject(self, reject: Rejected) -> list[str]:
        return [
            self.labels[f"source_{reject.source}"],
            str(reject.line),
            reject.raw[:_TEXT] or "–",
            render_reason(reject.reason, self.translate, self.locale),
        ]

    def _ages(self) -> list[dict[str, Any]]:
        found = []
        for currency, row in aged(self.report).items():
            largest = max((abs(amount) for _, amount in row), default=0) or 1
            found.append(
                {
                    "rows": [
                        [
                            self.labels[f"age_{age}"],
                            str(count),
                            self._money(amount, currency),
                            abs(amount) / largest,
                        ]
                        for age, (count, amount) in enumerate(row)
                    ],
                    "count": str(sum(count for count, _ in row)),
                    "total": self._money(sum(amount for _, amount in row), currency),
                }
            )
        return found

    def _rows(self, rows: Any, show: Any) -> dict[str, Any]:
        shown = [show(row) for row in rows[:MAX_ROWS]]
        left = len(rows) - len(shown)
        more = self.labels["more_rows"] % {"count": left} if left else ""
        return {"rows": shown, "more": more}

    def _money(self, minor: int, currency: str) -> str:
        return money(minor, currency, self.locale)

    def _signed(self, minor: int, currency: str) -> str:
        return ("+" if minor > 0 else "") + self._money(minor, currency)

    def _maybe(self, minor: int | None, currency: str) -> str:
        return "–" if minor is None else self._money(minor, currency)
