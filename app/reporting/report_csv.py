"""Every figure of a report on a line of its own, with the requests that it counts."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from app.reporting.content import Content, key
from app.reporting.labels import Translate
from app.reporting.wording import Wording

HEADINGS = ("section", "line", "what", "figure", "value", "unit", "requests")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Row = list[Any]


def report_csv(content: Content, *, language: str, translate: Translate) -> bytes:
    words = Wording(content, language, translate)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([words.say(one) for one in HEADINGS])
    for row in (*_levels(words), *_volumes(words), *_amounts(words), *_ratings(words)):
        writer.writerow([_guarded(cell) for cell in row])
    writer.writerow([])
    names = ("request", "what", "line", "state", "raised_on", "due_on")
    writer.writerow([words.say(one) for one in names])
    for point in content["open"]:
        writer.writerow([_guarded(cell) for cell in _point(words, point)])
    # With the mark, spreadsheets read it as UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _levels(w: Wording) -> Iterator[Row]:
    for row in w.content["levels"]:
        place = (w.say("levels"), w.line(row["line"]), w.clock(row["clock"]))
        name = key("level", row["line"], row["clock"])
        clocks, minutes = w.say("unit_clocks"), w.say("unit_minutes")
        yield [*place, w.say("met"), row["met"], clocks, _requests(w, key(name, "met"))]
        yield [
            *place,
            w.say("missed"),
            row["breached"],
            clocks,
            _requests(w, key(name, "breached")),
        ]
        for reason, count in row["excluded"].items():
            said = f"{w.say('excluded')}: {w.reason(reason)}"
            yield [*place, said, count, clocks, _requests(w, key(name, "excluded", reason))]
        yield [*place, w.say("median"), row["median"], minutes, ""]
        yield [*place, w.say("p90"), row["p90"], minutes, ""]
    for row in w.content["inputs"]:
        place, late = (w.say("inputs"), w.line(row["line"]), ""), row["due"] - row["in_time"]
        unit = w.say("unit_inputs")
        yield [*place, w.say("due"), row["due"], unit, _requests(w, key("inputs", row["line"]))]
        yield [*place, w.say("inputs_in_time"), row["in_time"], unit, ""]
        if late:
            yield [*place, w.say("late_by"), row["minutes"], w.say("unit_minutes"),
                   _requests(w, key("late", row["line"]))]  # fmt: skip


def _volumes(w: Wording) -> Iterator[Row]:
    unit = w.say("unit_requests")
    for row in w.content["volumes"]:
        place = (w.say("volumes"), w.line(row["line"]), w.item(row["item"]))
        for name in ("raised", "delivered", "open"):
            yield [*place, w.say(name), row[name], unit,
                   _requests(w, key(name, row["line"], row["item"]))]  # fmt: skip
    for row in w.content["quotas"]:
        place = (w.say("quotas"), w.line(row["line"]), w.item(row["item"]))
        yield [*place, w.say("quota"), row["quota"], unit, ""]
        yield [*place, w.say("used"), row["used"], unit, _requests(w, key("quota", row["item"]))]


def _amounts(w: Wording) -> Iterator[Row]:
    minutes, money = w.say("unit_minutes"), w.say("unit_cents")
    for row in w.content["time"]:
        place = (w.say("time"), w.line(row["line"]), "")
        yield [*place, w.say("billed"), row["billed"], minutes, ""]
        yield [*place, w.say("not_billed"), row["rest"], minutes, ""]
        yield [*place, w.say("total"), row["billed"] + row["rest"], minutes,
               _requests(w, key("time", row["line"]))]  # fmt: skip
    for row in w.content["usage"]:
        yield [w.say("usage"), "", w.meter(row["meter"]), w.say("ledger"), row["quantity"], "",
               _requests(w, key("usage", row["meter"]))]  # fmt: skip
    for row in w.content["invoiced"]:
        what = f"{row['invoice']} {row['first']}/{row['last']} {w.meter(row['meter'])}"
        yield [w.say("usage"), "", what, w.say("invoiced"), row["quantity"], "", ""]
        yield [w.say("usage"), "", what, w.say("ledger_period"), row["recorded"], "", ""]
    for row in w.content["credits"]:
        yield [w.say("credits"), w.line(row["line"]), "", w.say("credit"), _cents(row["amount"]),
               money, _requests(w, key("breaches", row["line"]))]  # fmt: skip
    for row in w.content["booked"]:
        yield [w.say("booked"), w.line(row["line"]), row["month"], w.say("change"),
               _cents(row["change"]), money, ""]  # fmt: skip


def _ratings(w: Wording) -> Iterator[Row]:
    for score, count in w.content["ratings"]["scores"].items():
        if count:
            yield [w.say("ratings_title"), "", w.say("out_of_five", average=score), w.say("count"),
                   count, w.say("unit_ratings"), _requests(w, key("rated", score))]  # fmt: skip


def _point(w: Wording, row: dict[str, Any]) -> Row:
    return [row["number"], w.subject(row), w.line(row["line"]), w.state(row["state"]),
            w.day(row["raised_at"]), w.day(row["due_at"])]  # fmt: skip


def _requests(w: Wording, name: str) -> str:
    entries = w.content["lists"].get(name, ())
    return " ".join(f"#{number}" for number, _ in entries if number is not None)


def _cents(amount: int) -> str:
    whole, rest = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:02}"


def _guarded(cell: Any) -> Any:
    """Text that a spreadsheet would take for a formula stays text; our own numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(_FORMULA) and not _is_number(cell):
        return f"'{cell}"
    return cell


def _is_number(cell: str) -> bool:
    return cell.removeprefix("-").replace(".", "", 1).isdigit()
