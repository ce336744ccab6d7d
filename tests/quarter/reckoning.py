"""What stands in the database in the end, held against the ledger: what went in came out once, or
is listed with its reason."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from tests.quarter.days import local
from tests.quarter.hands import Complaint
from tests.quarter.ledger import LANDS, WAITS, Rates, expected_of
from tests.quarter.play import Play, frozen
from tests.quarter.post import Sent, body_of
from tests.quarter.script import POLICY, Repeat

RAISED = """
SELECT title, form ->> 'wanted_on' AS wanted_on, raised_at, raised_side FROM requests
WHERE tenant_id = :t AND starts_with(title, :title)
"""


def reckon(play: Play) -> list[Complaint]:
    return [
        *play.complaints, *recurring(play), *numbers(play), *mails(play), *checks(play),
        *months(play), *jobs(play), *walls(play),
    ]  # fmt: skip


def recurring(play: Play) -> list[Complaint]:
    found = []
    for repeat in play.script.repeats:
        found += [Complaint("recurring", f"company {repeat.firm}, {repeat.title}: {words}")
                  for words in _of_repeat(play, repeat)]  # fmt: skip
    return found


def _of_repeat(play: Play, repeat: Repeat) -> list[str]:
    company, firm = play.office.companies[repeat.firm], play.script.firms[repeat.firm]
    title = company.text(repeat.title)
    rows = play.stage.rows(RAISED, t=company.id, title=f"{title} ·")
    there: dict[date, list[Any]] = {}
    for row in rows:
        there.setdefault(date.fromisoformat(row.wanted_on), []).append(row)
    words = []
    for one in expected_of(play.script, repeat):
        requests = there.pop(one.due, [])
        if len(requests) > 1:
            words.append(f"due {one.due}: raised {len(requests)} times")
        elif one.raised is not None and bool(requests) != one.raised:
            words.append(f"due {one.due}: {'missed' if one.raised else 'raised all the same'}")
        elif requests and local(requests[0].raised_at, firm.zone) != one.on:
            words.append(f"due {one.due}: raised {requests[0].raised_at}, expected on {one.on}")
    return [*words, *(f"due {due}: nobody asked for it" for due in there)]


def numbers(play: Play) -> list[Complaint]:
    """Every request has somebody who asked for it, and they are numbered without a gap."""
    found = []
    for place, company in play.office.companies.items():
        rows = play.stage.rows("SELECT number, raised_side FROM requests WHERE tenant_id = :t"
                               " ORDER BY number", t=company.id)  # fmt: skip
        if [row.number for row in rows] != list(range(1, len(rows) + 1)):
            found.append(Complaint("numbers", f"company {place}: {[row.number for row in rows]}"))
        by_clients = sum(row.raised_side == "client" for row in rows)
        asked = sum(firm == place for firm, _ in play.people.asked)
        mailed = sum(LANDS.get(one.kind) == "request" and one.letter.firm == place
                     for one in play.post.sent)  # fmt: skip
        if by_clients != asked + mailed:
            words = f"company {place}: {by_clients} of clients, asked {asked}, by mail {mailed}"
            found.append(Complaint("numbers", words))
    return found


def mails(play: Play) -> list[Complaint]:
    found = [Complaint("mails", f"letter {one.letter.number}, {one.kind}: {words}")
             for one in play.post.sent if (words := _of_letter(play, one))]  # fmt: skip
    kept = len(play.post.seen)
    if kept != len(play.post.sent) or play.post.waiting:
        words = f"{len(play.post.sent)} sent, {kept} kept, {len(play.post.waiting)} under way"
        found.append(Complaint("mails", words))
    return found


def _of_letter(play: Play, sent: Sent) -> str:
    """Searched for in all companies, wherever words of clients can land."""
    company = play.office.companies[sent.letter.firm]
    body = body_of(sent.letter, company)
    messages = play.stage.rows(
        "SELECT tenant_id, request_id, author_side FROM client_messages WHERE body = :b", b=body
    )
    raised = play.stage.rows("SELECT tenant_id FROM requests WHERE form ->> 'details' = :b", b=body)
    kept = [row for row in play.post.seen.values() if row.subject == body]
    if len(kept) != 1 or kept[0].tenant_id != company.id:
        return f"kept {len(kept)} times"
    lands = LANDS.get(sent.kind, "")
    if lands == "message" and kept[0].reason == "request_ended":
        # It was finished while nobody dispatched.
        return "" if not messages and _ended_since(play, sent) else "it was open"
    if (len(messages), len(raised)) != (int(lands == "message"), int(lands == "request")):
        return f"{len(messages)} messages, {len(raised)} requests, {kept[0].reason}"
    if [row for row in (*messages, *raised) if row.tenant_id != company.id]:
        return "of another company"
    if messages and (messages[0].request_id, messages[0].author_side) != (sent.on, "client"):
        return "on another request"
    wanted = ("landed", "") if lands else ("waiting", WAITS.get(sent.kind, ""))
    was = (kept[0].state, kept[0].reason)
    return "" if was == wanted else f"{was}"


def _ended_since(play: Play, sent: Sent) -> bool:
    ended = play.stage.value("SELECT closed_at FROM requests WHERE id = :r", r=sent.on)
    return ended is not None and ended > sent.at and sent.at.date() in play.script.dark


def checks(play: Play) -> list[Complaint]:
    """The rates follow from what was found, whoever was drawn was checked, and nobody else."""
    rates, found = Rates.begin(), []
    drawn = _draws(play)
    for act in play.people.acts:
        request = (act.firm, act.number)
        if act.what == "handed_over":
            wanted = rates.now(act.hand, act.item, POLICY[act.item], request)
            row = drawn[request].pop(0) if drawn.get(request) else None
            words = _of_draw(row, wanted)
            if words:
                found.append(Complaint("checks", f"{request}, {act.item}: {words}"))
        elif act.what == "returned":
            rates.returned(act.hand, act.item, request)
        else:
            rates.passed(act.hand, act.item, request)
    found += [Complaint("checks", f"{one}: drawn too often") for one, left in drawn.items() if left]
    return found + _unchecked(play)


def _draws(play: Play) -> dict[tuple[int, int], list[Any]]:
    places = {one.id: place for place, one in play.office.companies.items()}
    found: dict[tuple[int, int], list[Any]] = {}
    for row in play.stage.rows(
        "SELECT d.*, r.number FROM review_draws d JOIN requests r ON r.tenant_id = d.tenant_id"
        " AND r.id = d.request_id WHERE d.tenant_id = ANY (:t) ORDER BY d.at, d.submission",
        t=list(places),
    ):
        found.setdefault((places[row.tenant_id], row.number), []).append(row)
    return found


def _of_draw(row: Any, wanted: tuple[int, str]) -> str:
    if row is None:
        return "handed over, nothing was drawn"
    if (row.rate, row.because) != wanted:
        return f"{row.rate} % because of {row.because!r}, expected {wanted}"
    return "" if row.drawn == (row.slip < row.rate * 100) else f"slip {row.slip}: {row.drawn}"


UNCHECKED = """
SELECT r.number, d.submission FROM review_draws d
JOIN requests r ON r.tenant_id = d.tenant_id AND r.id = d.request_id
WHERE d.tenant_id = ANY (:t) AND d.drawn AND r.state <> 'in_review' AND (
    SELECT count(*) FROM reviews v WHERE v.tenant_id = d.tenant_id AND v.request_id = d.request_id
    AND v.at >= d.at) = 0
"""


def _unchecked(play: Play) -> list[Complaint]:
    ids = [one.id for one in play.office.companies.values()]
    return [Complaint("checks", f"no {row.number}, {row.submission}: drawn and never checked")
            for row in play.stage.rows(UNCHECKED, t=ids)]  # fmt: skip


def months(play: Play) -> list[Complaint]:
    """Each month that is over was prepared once, signed, and stays as it was signed."""
    found = []
    for (place, month), before in play.signed.items():
        company = play.office.companies[place]
        if frozen(play.stage, company.id, month) != before:
            found.append(Complaint("months", f"company {place}, {month}: changed since"))
        told = play.stage.value("SELECT count(*) FROM audit_events WHERE tenant_id = :t AND name ="
                                " 'service_levels.month.prepared' AND facts::jsonb ->> 'month' = :m",
                                t=company.id, m=f"{month:%Y-%m}")  # fmt: skip
        if told != 1:
            found.append(Complaint("months", f"company {place}, {month}: prepared {told} times"))
    return found


def jobs(play: Play) -> list[Complaint]:
    ids = [one.id for one in play.office.companies.values()]
    rows = play.stage.rows(
        "SELECT name, state, error FROM jobs WHERE tenant_id = ANY (:t) AND run_at < 'infinity'"
        " AND state NOT IN ('succeeded', 'cancelled')", t=ids,
    )  # fmt: skip
    failed = Counter(play.engine.refused)
    return [
        *(Complaint("jobs", f"{row.name}: {row.state} {row.error}") for row in rows),
        *(Complaint("jobs", f"{words}, {count} times") for words, count in failed.items()),
    ]


TABLES = """
SELECT c.table_name FROM information_schema.columns c
JOIN information_schema.tables t ON t.table_name = c.table_name AND t.table_schema = 'public'
WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE'
"""


def walls(play: Play) -> list[Complaint]:
    """No row of a company has words of another one."""
    found, ids = [], [one.id for one in play.office.companies.values()]
    for row in play.stage.rows(TABLES):
        for company in play.office.companies.values():
            leaked = play.stage.value(
                f"SELECT count(*) FROM {row.table_name} x WHERE x::text LIKE :c"
                " AND tenant_id <> :t AND tenant_id = ANY (:all)", c=f"%{company.canary} %",
                t=company.id, all=ids,
            )  # fmt: skip
            if leaked:
                found.append(
                    Complaint("walls", f"{leaked} rows of {row.table_name}: {company.slug}")
                )
    return found
