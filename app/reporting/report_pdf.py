import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from app.documents.typesetting import typeset
from app.reporting.content import Content
from app.reporting.labels import Translate
from app.reporting.summing import sums_of
from app.reporting.wording import NONE, Wording

TEMPLATE = Path(__file__).with_name("report.typ")
MOST_POINTS = 60
DEFAULT_ACCENT = "#44546a"
_COLOUR = re.compile(r"#[0-9a-f]{6}")
Row = list[Any]


def report_pdf(content: Content, *, sha256: str, language: str, translate: Translate) -> bytes:
    """The same bytes for the same content."""
    return typeset(
        TEMPLATE, _Printed(Wording(content, language, translate), sha256).data(),
        dated=datetime.fromisoformat(content["as_of"]), lang=language,
    )  # fmt: skip


class _Printed:
    def __init__(self, words: Wording, sha256: str) -> None:
        self.w, self.content, self.sha256 = words, words.content, sha256

    def data(self) -> dict[str, Any]:
        content, provider = self.content, self.content["provider"]
        colour = provider["colour"]
        return {
            "labels": self.w.labels, "accent": colour if _COLOUR.fullmatch(colour) else DEFAULT_ACCENT,
            "provider": provider["name"], "identity": _identity(provider),
            "client": content["company"]["name"], "period": self.w.month(content["month"]),
            "facts": self._facts(), "summary": content["summary"], "tiles": self._tiles(),
            "levels": self._levels(), "reasons": self._reasons(), "remarks": self._remarks(),
            "inputs": self._inputs(), "volumes": self._volumes(), "quotas": self._quotas(),
            "time": self._time(), "usage": self._usage(), "invoiced": self._invoiced(),
            "credits": self._credits(), "contest": self._contest(), "booked": self._booked(),
            "ratings": self._ratings(), "points": self._points(), "more": self._more(),
            "sha256": self.sha256,
        }  # fmt: skip

    def _facts(self) -> list[Row]:
        c, w = self.content, self.w
        number = c["contract"]
        contract = w.say("version", number=number) if number else w.say("usual_terms")
        return [
            [w.say("client"), f"{c['company']['name']} ({c['company']['code']})"],
            [w.say("contract"), contract],
            [w.say("signed"), w.say("by_on", name=c["signed_by"], when=w.day(c["signed_at"]))],
            [w.say("written"), c["written_by"] or NONE],
            [w.say("checked"), c.get("reviewed_by") or w.say("draft")],
            [w.say("as_of"), w.moment(c["as_of"])],
        ]

    def _tiles(self) -> list[Row]:
        w, sums = self.w, sums_of(self.content)
        shares = [
            [
                w.say(label), w.share(sums.kept[clock], sums.counted[clock]),
                w.say("of_counted", kept=sums.kept[clock], count=sums.counted[clock]),
            ]
            for label, clock in (("answered_in_time", "first_response"), ("in_time", "resolution"))
        ]  # fmt: skip
        rating = NONE
        if sums.rating is not None:
            rating = w.say("out_of_five", average=w.number(sums.rating / 100))
        said = w.say("ratings_note", count=sums.ratings) if sums.ratings else w.say("no_ratings")
        return [
            *shares,
            [w.say("delivered"), str(sums.delivered), w.say("raised_note", count=sums.raised)],
            [w.say("open"), str(sums.open),
             w.say("open_note", when=w.day(self.content["as_of"]))],
            [w.say("satisfaction"), rating, said],
            [w.say("credit"), w.money(sums.credit), w.say("all_lines")],
        ]  # fmt: skip

    def _levels(self) -> list[dict[str, Any]]:
        """By line, so that its name spans its clocks."""
        w = self.w
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.content["levels"]:
            counted = row["met"] + row["breached"]
            found.setdefault(row["line"], []).append({
                "clock": w.clock(row["clock"]), "met": str(row["met"]),
                "missed": str(row["breached"]), "excluded": str(sum(row["excluded"].values())),
                "share": w.share(row["met"], counted),
                "part": row["met"] / counted if counted else None,
                "median": w.minutes(row["median"]), "p90": w.minutes(row["p90"]),
            })  # fmt: skip
        return [{"line": w.line(line), "rows": rows} for line, rows in found.items()]

    def _reasons(self) -> list[Row]:
        w = self.w
        return [
            [w.line(row["line"]), w.clock(row["clock"]), w.reason(reason), str(count)]
            for row in self.content["levels"]
            for reason, count in row["excluded"].items()
        ]

    def _remarks(self) -> list[Row]:
        remarks = self.content["remarks"]
        return [
            [self.w.line(line), remarks[line]] for line in self.content["lines"] if line in remarks
        ]

    def _inputs(self) -> list[Row]:
        w = self.w
        return [
            [w.line(row["line"]), str(row["due"]), str(row["in_time"]),
             w.share(row["in_time"], row["due"]), w.minutes(row["minutes"] or None)]
            for row in self.content["inputs"]
        ]  # fmt: skip

    def _volumes(self) -> list[Row]:
        w = self.w
        return [
            [w.line(row["line"]), w.item(row["item"]), str(row["raised"]), str(row["delivered"]),
             str(row["open"])]
            for row in self.content["volumes"]
        ]  # fmt: skip

    def _quotas(self) -> list[Row]:
        return [
            [self.w.item(row["item"]), str(row["quota"]), str(row["used"]),
             str(max(0, row["quota"] - row["used"]))]
            for row in self.content["quotas"]
        ]  # fmt: skip

    def _time(self) -> list[Row]:
        w = self.w
        return [
            [w.line(row["line"]), w.minutes(row["billed"]), w.minutes(row["rest"]),
             w.minutes(row["billed"] + row["rest"])]
            for row in self.content["time"]
        ]  # fmt: skip

    def _usage(self) -> list[Row]:
        w = self.w
        return [[w.meter(row["meter"]), w.number(row["quantity"])] for row in self.content["usage"]]

    def _invoiced(self) -> list[Row]:
        w = self.w
        return [
            [row["invoice"], w.meter(row["meter"]),
             w.say("period_from_to", start=w.day(row["first"]), end=w.day(row["last"])),
             w.number(row["quantity"]), w.number(row["recorded"])]
            for row in self.content["invoiced"]
        ]  # fmt: skip

    def _credits(self) -> list[Row]:
        w = self.w
        return [
            [w.line(row["line"]), w.money(row["base"]), str(row["breaches"]), w.basis(row["rates"]),
             w.basis(row["cap"]), w.money(row["amount"])]
            for row in self.content["credits"] if row["breaches"]
        ]  # fmt: skip

    def _contest(self) -> str:
        until = [row["until"] for row in self.content["credits"]
                 if row["breaches"] and row["until"] and row["state"] == "computed"]  # fmt: skip
        return self.w.say("contest_until", when=self.w.last_day(min(until))) if until else ""

    def _booked(self) -> list[Row]:
        w = self.w
        return [
            [w.month(row["month"]), w.line(row["line"]), w.money(row["change"]),
             w.money(row["amount"])]
            for row in self.content["booked"]
        ]  # fmt: skip

    def _ratings(self) -> list[Row]:
        """Best first, each with its part of the most frequent."""
        scores = self.content["ratings"]["scores"]
        most = max(scores.values(), default=0)
        if not most:
            return []
        return [
            [score, str(scores[score]), scores[score] / most]
            for score in sorted(scores, reverse=True)
        ]

    def _points(self) -> list[Row]:
        w = self.w
        return [
            [f"#{row['number']}", w.subject(row), w.line(row["line"]), w.state(row["state"]),
             w.day(row["raised_at"]), w.day(row["due_at"])]
            for row in self.content["open"][:MOST_POINTS]
        ]  # fmt: skip

    def _more(self) -> str:
        left = len(self.content["open"]) - MOST_POINTS
        return self.w.say("more", count=left) if left > 0 else ""


def _identity(provider: dict[str, str]) -> str:
    names = ("legal_form", "registration_number", "vat_id")
    parts: Sequence[str] = [provider[name] for name in names if provider.get(name)]
    return " · ".join(parts)
