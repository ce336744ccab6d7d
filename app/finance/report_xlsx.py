import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from app.finance.report import Report, age_bucket, aged
from app.finance.report_labels import labels
from app.finance.wording import Translate, render_reason
from tenants.core.money import exponent

# Text that begins like a formula stays text, however it came into a name or a reference.
_OPTIONS = {
    "constant_memory": True,
    "in_memory": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}
_MAX_TEXT = 1_000
_FORBIDDEN_IN_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))

Cell = str | int | date | Decimal | None


def report_xlsx(report: Report, *, locale: str, translate: Translate) -> bytes:
    out = io.BytesIO()
    book = Workbook(out, _OPTIONS)
    # The same report gives the same bytes.
    book.set_properties(
        {
            "title": translate("Payment control"),
            "author": report.client_name,
            "created": report.prepared_at.replace(tzinfo=None),
        }
    )
    book.set_size(2400, 1400)
    _Sheets(book, report, locale, translate).write()
    book.close()
    return out.getvalue()


class _Sheets:
    def __init__(self, book: Workbook, report: Report, locale: str, translate: Translate) -> None:
        self.book = book
        self.report = report
        self.locale = locale
        self.translate = translate
        self.labels = labels(translate)
        accent = report.accent if report.accent.startswith("#") else "#1F6F6B"
        self.head = book.add_format({"bold": True, "bottom": 2, "bottom_color": accent})
        self.bold = book.add_format({"bold": True})
        self.amounts: dict[int, Format] = {}

    def write(self) -> None:
        self._summary()
        self._matched()
        self._unmatched()
        self._open()
        self._rejects()

    def _summary(self) -> None:
        t, report, counts = self.labels, self.report, self.report.counts
        sheet = self._sheet("summary", (34, 24, 24, 24, 24, 24, 24))
        rows: list[tuple[Cell, ...]] = [
            (t["title"], report.client_name),
            (t["request"], report.request),
            (t["period"], report.starts_on, report.ends_on),
            (t["as_of"], report.as_of),
            (t["prepared"], report.prepared_at.date()),
            (t["prepared_by"], report.prepared_by),
            (),
            (t["open_items_in"], counts.items_in),
            (t["paid"], counts.paid),
            (t["part_paid"], counts.part_paid),
            (t["open"], counts.open),
            (t["rejected"], counts.items_rejected),
            (),
            (t["lines_in"], counts.lines_in),
            (t["used"], counts.used),
            (t["unmatched"], counts.unmatched),
            (t["rejected"], counts.lines_rejected),
            (),
        ]
        rows += self._balances()
        rows += self._totals()
        rows += [(), (t["sources_title"],)]
        rows += [(t[f"source_{s.kind}"], s.name, s.sha256) for s in report.sources]
        for number, row in enumerate(rows):
            self._row(sheet, number, row)

    def _balances(self) -> list[tuple[Cell, ...]]:
        t = self.labels
        rows: list[tuple[Cell, ...]] = []
        for check in self.report.balances:
            rows.append((t["statement"], check.statement, check.account, check.currency))
            for key, minor in (
                ("opening", check.opening),
                ("movements", check.movements),
                ("closing", check.closing),
                ("difference", check.difference),
            ):
                rows.append((t[key], None if minor is None else _value(minor, check.currency)))
            if check.problem:
                rows.append((render_reason(check.problem, self.translate, self.locale),))
            if check.continuity:
                rows.append((render_reason(check.continuity, self.translate, self.locale),))
            if check.accepted_reason:
                names = {"name": check.accepted_by, "reason": check.accepted_reason}
                rows.append((t["accepted"] % names,))
            rows.append(())
        return rows

    def _totals(self) -> list[tuple[Cell, ...]]:
        t = self.labels
        rows: list[tuple[Cell, ...]] = [
            (
                t["amounts"],
                t["paid"],
                t["part_paid_amount"],
                t["differences"],
                t["open"],
                t["total"],
            )
        ]
        for currency, total in self.report.counts.totals.items():
            amounts = (total.paid, total.part_paid, total.waived, total.outstanding, total.items)
            rows.append((currency, *(_value(minor, currency) for minor in amounts)))
        rows += self._differences()
        rows += [(), (t["age"], t["currency"], t["count"], t["remaining"])]
        for currency, ages in aged(self.report).items():
            for age, (count, amount) in enumerate(ages):
                rows.append((t[f"age_{age}"], currency, count, _value(amount, currency)))
        return rows

    def _differences(self) -> list[tuple[Cell, ...]]:
        t = self.labels
        rows: list[tuple[Cell, ...]] = [
            (t[f"kind_{kind}"], currency, count, _value(amount, currency))
            for currency, total in self.report.counts.totals.items()
            for kind, (count, amount) in sorted(total.differences.items())
        ]
        return (
            [(), (t["differences"], t["currency"], t["count"], t["amount"]), *rows] if rows else []
        )

    def _matched(self) -> None:
        self._table(
            "matched_title",
            "line date payer text line_amount currency invoice customer allocated rule confidence "
            "why confirmed_by note difference difference_kind learned",
            (
                (
                    m.position,
                    m.booked_on,
                    m.name,
                    m.text,
                    _value(m.line_amount, m.currency),
                    m.currency,
                    m.item_number,
                    m.customer,
                    _value(m.allocated, m.currency),
                    self.labels.get(f"rule_{m.rule}", m.rule),
                    m.confidence,
                    render_reason(m.explanation, self.translate, self.locale)
                    if m.explanation
                    else self.labels["by_hand"],
                    m.confirmed_by,
                    m.note,
                    _value(m.difference, m.currency) if m.difference else None,
                    self.labels[f"kind_{m.difference_kind}"] if m.difference else None,
                    "✓" if m.learned else None,
                )
                for m in self.report.matched
            ),
            (8, 12, 30, 40, 14, 9, 18, 30, 14, 22, 11, 60, 20, 30, 12, 20, 9),
        )

    def _unmatched(self) -> None:
        self._table(
            "unmatched_title",
            "line date payer text amount currency note",
            (
                (
                    u.position,
                    u.booked_on,
                    u.name,
                    u.text,
                    _value(u.amount, u.currency),
                    u.currency,
                    " · ".join(
                        n for n in (self.labels["rest_of_line"] if u.is_rest else "", u.note) if n
                    ),
                )
                for u in self.report.unmatched
            ),
            (8, 12, 30, 60, 14, 9, 40),
        )

    def _open(self) -> None:
        self._table(
            "open",
            "invoice customer issued due days_late age original remaining currency",
            (
                (
                    i.number,
                    i.customer,
                    i.issued_on,
                    i.due_on,
                    max((self.report.as_of - i.due_on).days, 0),
                    self.labels[f"age_{age_bucket(i.due_on, self.report.as_of)}"],
                    _value(i.open_amount, i.currency),
                    _value(i.remaining, i.currency),
                    i.currency,
                )
                for i in self.report.open_items
            ),
            (18, 30, 12, 12, 10, 24, 14, 14, 9),
            title="source_open_items",
        )

    def _rejects(self) -> None:
        self._table(
            "rejects_title",
            "file line column value reason",
            (
                (
                    self.labels[f"source_{r.source}"],
                    r.line,
                    r.column,
                    r.raw,
                    render_reason(r.reason, self.translate, self.locale),
                )
                for r in self.report.rejects
            ),
            (18, 8, 20, 40, 80),
        )

    def _table(
        self,
        key: str,
        columns: str,
        rows: Iterable[tuple[Cell, ...]],
        widths: Sequence[int],
        title: str = "",
    ) -> None:
        sheet = self._sheet(title or key, widths)
        names = columns.split()
        for position, name in enumerate(names):
            sheet.write_string(0, position, self.labels[name], self.head)
        sheet.freeze_panes(1, 0)
        number = 0
        for number, row in enumerate(rows, start=1):
            self._row(sheet, number, row)
        sheet.autofilter(0, 0, max(number, 1), len(names) - 1)

    def _sheet(self, key: str, widths: Sequence[int]) -> Worksheet:
        sheet = self.book.add_worksheet(self.labels[key].translate(_FORBIDDEN_IN_TITLE)[:31])
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        return sheet

    def _row(self, sheet: Worksheet, number: int, row: tuple[Cell, ...]) -> None:
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell[:_MAX_TEXT])
            elif isinstance(cell, date):
                sheet.write_datetime(number, column, cell)
            elif isinstance(cell, Decimal):
                sheet.write_number(number, column, float(cell), self._amount(cell))
            elif cell is not None:
                sheet.write_number(number, column, cell)

    def _amount(self, cell: Decimal) -> Format:
        places = max(-int(cell.as_tuple().exponent), 0)
        if places not in self.amounts:
            pattern = "#,##0." + "0" * places if places else "#,##0"
            self.amounts[places] = self.book.add_format({"num_format": pattern})
        return self.amounts[places]


def _value(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency))
