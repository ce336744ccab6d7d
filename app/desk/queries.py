"""The operator's queue over all granted clients: one statement, each client's own top rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from app.contracts.calendar_of import IN_FORCE
from app.desk.conditions import LIVE, ORDERS, Order, Reader, conditions
from app.desk.filters import QueueFilter
from app.desk.models import DeskSettings, SavedView, TextModule
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, moment, page_of
from tenants.queries import Workspace
from tenants.scoping import current_scope

# All that the desk's frame shows, in one statement, in the provider's own scope.
CONTEXT = text("""
    SELECT
        (SELECT jsonb_agg(to_jsonb(w) ORDER BY w.name) FROM my_workspaces() w) AS clients,
        (SELECT jsonb_agg(jsonb_build_object('id', v.id, 'own', v.owner_id IS NOT NULL,
            'name', v.name, 'icon', v.icon, 'query', v.query)
            ORDER BY v.owner_id IS NOT NULL, v.position, v.name)
            FROM saved_views v WHERE v.tenant_id = :tenant) AS views,
        (SELECT jsonb_agg(jsonb_build_array(s.user_id, s.display_name) ORDER BY s.display_name)
            FROM staff s WHERE s.active) AS people,
        (SELECT jsonb_build_object('default_view', d.default_view, 'after', d.after)
            FROM desk_settings d WHERE d.tenant_id = :tenant AND d.user_id = :me) AS settings
""")


@dataclass(frozen=True, slots=True)
class ViewFacts:
    """A saved view, as the frame lists it."""

    id: UUID
    own: bool
    name: str
    icon: str
    query: str


@dataclass(frozen=True, slots=True)
class DeskContext:
    """`clients` are those with a live grant; `people` the provider's, by id."""

    clients: Sequence[Workspace]
    views: Sequence[ViewFacts]
    people: Mapping[str, str]
    default_view: str
    after: str

    def worked(self) -> dict[UUID, list[str]]:
        """The lines that the reader works on, by client."""
        return self._lines("work", "review")

    def reviewed(self) -> dict[UUID, list[str]]:
        """Those that the reader reviews, by client."""
        return self._lines("review")

    def _lines(self, *levels: str) -> dict[UUID, list[str]]:
        found = {
            one.tenant_id: [line for line, level in one.grant_lines.items() if level in levels]
            for one in self.clients
        }
        return {tenant_id: lines for tenant_id, lines in found.items() if lines}

    def pairs(self, slug: str = "") -> list[tuple[UUID, str]]:
        """(tenant, line) that a grant opens, of one client or all."""
        return [
            (one.tenant_id, line)
            for one in self.clients
            if slug in ("", one.slug)
            for line in one.grant_lines
        ]


def get_context(*, user_id: UUID) -> DeskContext:
    found = db.session.execute(
        CONTEXT, {"tenant": current_scope().tenant_id, "me": user_id}
    ).mappings().one()  # fmt: skip
    settings = found["settings"] or {}
    return DeskContext(
        clients=[_workspace(one) for one in found["clients"] or () if one["grant_lines"]],
        views=[ViewFacts(**{**one, "id": UUID(one["id"])}) for one in found["views"] or ()],
        people=dict(found["people"] or ()),
        default_view=settings.get("default_view", ""),
        after=settings.get("after", "next"),
    )


def _workspace(found: dict[str, Any]) -> Workspace:
    return Workspace(
        **{**found, "tenant_id": UUID(found["tenant_id"]), "approver": bool(found["approver"])}
    )


def get_view(*, view_id: UUID) -> SavedView:
    """NotFound for somebody else's own one too: the database shows them to nobody."""
    row = db.session.execute(
        select(SavedView).where(
            SavedView.tenant_id == current_scope().tenant_id, SavedView.id == view_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_views() -> Sequence[SavedView]:
    """The shared ones first, then the reader's own."""
    return (
        db.session.execute(
            select(SavedView)
            .where(SavedView.tenant_id == current_scope().tenant_id)
            .order_by(SavedView.owner_id.is_not(None), SavedView.position, SavedView.name)
        )
        .scalars()
        .all()
    )


def find_settings(*, user_id: UUID) -> DeskSettings | None:
    return db.session.execute(
        select(DeskSettings).where(
            DeskSettings.tenant_id == current_scope().tenant_id, DeskSettings.user_id == user_id
        )
    ).scalar_one_or_none()


def granted(pairs: Sequence[tuple[UUID, str]]) -> dict[str, list[Any]]:
    """The pairs as two arrays: the tenants, and the lines of each."""
    lines_of: dict[UUID, list[str]] = {}
    for tenant_id, line in pairs:
        lines_of.setdefault(tenant_id, []).append(line)
    return {
        "tenants": list(lines_of),
        "lines": [",".join(lines) for lines in lines_of.values()],
    }


# Materialized, or the lines would be taken apart again for every request that is looked at.
GRANTED = """granted AS MATERIALIZED (
    SELECT g.tenant_id, string_to_array(g.lines, ',') AS lines
    FROM unnest(CAST(:tenants AS uuid[]), CAST(:lines AS text[])) AS g(tenant_id, lines))"""
OWN_LINES = "r.tenant_id = g.tenant_id AND r.line = ANY (g.lines)"
OWN_ROWS = f"{OWN_LINES} AND {LIVE}"


def list_queue(
    session: Session,
    *,
    pairs: Sequence[tuple[UUID, str]],
    reader: Reader,
    chosen: QueueFilter,
    limit: int = PAGE_SIZE,
    cursor: str | None = None,
    ended: bool = False,
) -> Page[RowMapping]:
    """Open requests of all granted (tenant, line) pairs in the chosen order, in one statement;
    `ended` ones, too, when they are asked for.

    `session` comes from `across_tenants`; each tenant gives its own top rows by index.
    """
    order = ORDERS[chosen.sort or "breach"]
    wheres, params = conditions(chosen, reader)
    if cursor:
        at, last = decode_cursor(cursor, moment, UUID)
        wheres.append(order.after)
        params |= {"at": at, "last": last}
    rows = (
        session.execute(
            _queue(order, [OWN_LINES if ended else OWN_ROWS, *wheres]),
            {**params, **granted(pairs), "limit": limit + 1, "now": reader.now},
        )
        .mappings()
        .all()
    )
    return page_of(rows, limit=limit, place=lambda row: (row[order.key].isoformat(), row["id"]))


def _queue(order: Order, wheres: Sequence[str]) -> Any:
    # All of it is fixed text; every value is bound. Of most requests only the place in the index is
    # looked at; the joined columns are those by which each index of the table finds a row at once.
    places = ", ".join(f"r.{name}" for name in sorted({"id", "state", "due_at", order.key}))
    by, again = order.by, order.by.replace("r.", "top.")
    return text(f"""
        WITH {GRANTED},
        top AS MATERIALIZED (
            SELECT r.*
            FROM granted g
            CROSS JOIN LATERAL (
                SELECT r.tenant_id, {places}
                FROM requests r
                WHERE {" AND ".join(wheres)}
                ORDER BY {by} LIMIT :limit
            ) r
            ORDER BY {by} LIMIT :limit
        ),
        clients AS MATERIALIZED (
            SELECT t.id AS client_id, t.slug, t.name AS client_name, t.code AS client_code,
                t.country, t.time_zone, {IN_FORCE} AS calendar
            FROM tenants t WHERE t.id IN (SELECT tenant_id FROM top)
        )
        SELECT c.*, r.tenant_id, r.id, r.number, r.item, r.line, r.title, r.priority, r.state,
            r.version, r.assignee_id, r.assignee_name, r.raised_by_name, r.due_at, r.respond_by,
            r.breach_at, r.raised_at, r.state_since, r.snoozed_until, r.steps_done, r.steps_total
        FROM top
        JOIN requests r ON r.tenant_id = top.tenant_id AND r.id = top.id
            AND r.state = top.state AND r.due_at = top.due_at
        JOIN clients c ON c.client_id = top.tenant_id
        ORDER BY {again}
    """)  # noqa: S608 - see above


MAILS = """
    (SELECT count(*) FROM unnest(CAST(:mail_of AS uuid[]), CAST(:mail_lines AS text[]))
        AS p(tenant_id, line)
    JOIN inbound_mails i ON i.tenant_id = p.tenant_id AND i.line = p.line AND i.state = 'waiting')
    AS mail
"""
# What the reader is asked to take over, and what nobody takes on the lines that they review.
HANDED = """
    (SELECT count(*) FROM unnest(CAST(:mail_of AS uuid[]), CAST(:mail_lines AS text[]))
        AS p(tenant_id, line)
    JOIN handover_items h ON h.tenant_id = p.tenant_id AND h.line = p.line
        AND h.substitute_id = :handed_to AND h.state = 'sent') AS handed,
    (SELECT count(*) FROM unnest(CAST(:seen_of AS uuid[]), CAST(:seen_lines AS text[]))
        AS p(tenant_id, line)
    JOIN handover_items h ON h.tenant_id = p.tenant_id AND h.line = p.line
        AND h.raised_at IS NOT NULL AND h.state IN ('sent', 'declined', 'kept'))
    + (SELECT count(*) FROM handover_notes n WHERE n.tenant_id = ANY (CAST(:seen_of AS uuid[]))
        AND n.missing_at IS NOT NULL AND n.sent_at IS NULL AND n.settled_at IS NULL) AS left_alone
"""


def count_views(
    session: Session,
    *,
    pairs: Sequence[tuple[UUID, str]],
    reader: Reader,
    views: Mapping[str, QueueFilter],
    worked: Mapping[UUID, Sequence[str]],
    reviewed: Mapping[UUID, Sequence[str]],
) -> dict[str, int]:
    """How many requests each view holds, how many mails wait on the lines that the reader works on
    ('mail'), what is handed over to them ('handed') and what nobody takes ('left_alone'), all in one
    statement."""
    params: dict[str, Any] = granted(pairs)
    figures = []
    for at, chosen in enumerate(views.values()):
        wheres, values = conditions(chosen, reader, prefix=f"v{at}_")
        figures.append(f"count(*) FILTER (WHERE {' AND '.join(wheres)}) AS v{at}")
        params |= values
    row = session.execute(
        text(
            f"WITH {GRANTED} SELECT {', '.join(figures)}, {MAILS}, {HANDED}"  # noqa: S608
            f" FROM granted g JOIN requests r ON {OWN_ROWS}"
        ),
        params
        | _places(worked, "mail")
        | _places(reviewed, "seen")
        | {"handed_to": reader.user_id},
    ).one()
    return dict(zip((*views, "mail", "handed", "left_alone"), row, strict=True))


def _places(lines_of: Mapping[UUID, Sequence[str]], name: str) -> dict[str, list[Any]]:
    places = [(tenant_id, line) for tenant_id, lines in lines_of.items() for line in lines]
    return {f"{name}_of": [one for one, _ in places], f"{name}_lines": [line for _, line in places]}


PICKED = text(f"""
    WITH {GRANTED}
    SELECT t.slug, t.name AS client_name, t.language, r.tenant_id, r.number, r.item, r.line, r.title,
        r.state, r.priority, r.version, r.assignee_id, r.snoozed_until, r.due_at, r.raised_by_name,
        r.requester_name
    FROM unnest(CAST(:tenant_of AS uuid[]), CAST(:numbers AS integer[])) AS p(tenant_id, number)
    JOIN granted g ON g.tenant_id = p.tenant_id
    JOIN requests r ON r.tenant_id = p.tenant_id AND r.number = p.number AND r.line = ANY (g.lines)
    JOIN tenants t ON t.id = r.tenant_id
""")  # noqa: S608 - fixed texts
ABLE = text(
    "SELECT DISTINCT tenant_id, line FROM grants WHERE user_id = :user AND ended_at IS NULL"
    " AND expires_at > :now AND level IN ('work', 'review')"
)


def list_picked(
    session: Session,
    *,
    pairs: Sequence[tuple[UUID, str]],
    numbers: Sequence[tuple[UUID, int]],
) -> Sequence[RowMapping]:
    """These requests, as far as a grant opens them, whatever their state."""
    values = {
        **granted(pairs),
        "tenant_of": [tenant_id for tenant_id, _ in numbers],
        "numbers": [number for _, number in numbers],
    }
    return session.execute(PICKED, values).mappings().all()


def list_able(session: Session, *, user_id: UUID, now: datetime) -> set[tuple[UUID, str]]:
    """Where this person may work, among the reader's own clients."""
    rows = session.execute(ABLE, {"user": user_id, "now": now})
    return {(row.tenant_id, row.line) for row in rows}


def list_texts() -> Sequence[TextModule]:
    """Everybody's and the reader's own."""
    return (
        db.session.execute(
            select(TextModule)
            .where(TextModule.tenant_id == current_scope().tenant_id)
            .order_by(TextModule.name, TextModule.language, TextModule.id)
        )
        .scalars()
        .all()
    )


def get_text(*, text_id: UUID) -> TextModule:
    row = db.session.execute(
        select(TextModule).where(
            TextModule.tenant_id == current_scope().tenant_id, TextModule.id == text_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def search_requests(*, words: Sequence[str], limit: int) -> Sequence[RowMapping]:
    """By words in titles and messages of every client that is open to the person in scope; titles
    first, then the newest."""
    return (
        db.session.execute(
            text("SELECT * FROM desk_search(:longest, :words, :limit)"),
            {"longest": words[0], "words": list(words), "limit": limit},
        )
        .mappings()
        .all()
    )


def find_items(*, number: str) -> Sequence[RowMapping]:
    """Payment controls of open clients in which an invoice of this number stands."""
    return (
        db.session.execute(text("SELECT * FROM desk_find_item(:number)"), {"number": number})
        .mappings()
        .all()
    )


def search_records(*, number: int | None, typed: str, words: Sequence[str], limit: int) -> Any:
    """Documents by number or words of their title, sales invoices by number and customers and
    suppliers by name, of every client that is open to the person in scope."""
    return (
        db.session.execute(
            text("SELECT * FROM desk_search_records(:number, :typed, :words, :limit)"),
            {"number": number, "typed": typed.upper(), "words": list(words), "limit": limit},
        )
        .mappings()
        .all()
    )
