"""The ledgers that a forming credit is counted from, over several clients, in one statement."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# A run that an earlier month counts as missed goes on for no longer than this.
LONGEST = timedelta(days=400)

# Client by client, by an index, whatever the planner thinks (OFFSET 0): it would read whole tables, and
# a policy of many clients costs much on each row. Ledgers are judged one by one, so only those are
# read that may be late: of its last result the request itself says so; what has an odd event or was
# reopened is read.
LEDGERS = text("""
    WITH clients AS MATERIALIZED (SELECT unnest(CAST(:ids AS uuid[])) AS tenant_id),
    recent AS MATERIALIZED (
        SELECT g.tenant_id, n.* FROM clients g CROSS JOIN LATERAL (
            SELECT e.request_id,
                max(e.at) FILTER (WHERE e.clock = 'first_response') AS answered,
                max(e.at) FILTER (WHERE e.clock = 'resolution') AS ended
            FROM sla_events e
            WHERE e.tenant_id = g.tenant_id AND e.at >= :start AND e.event = 'stopped'
            GROUP BY e.request_id OFFSET 0
        ) n
    ),
    odd AS MATERIALIZED (
        SELECT g.tenant_id, n.* FROM clients g CROSS JOIN LATERAL (
            SELECT DISTINCT e.request_id FROM sla_events e
            WHERE e.tenant_id = g.tenant_id AND e.event IN ('voided', 'agreed', 'merged') OFFSET 0
        ) n
    ),
    excluded AS MATERIALIZED (
        SELECT g.tenant_id, n.* FROM clients g CROSS JOIN LATERAL (
            SELECT x.request_id, max(x.kind) AS kind FROM sla_exclusions x
            WHERE x.tenant_id = g.tenant_id AND (x.kind = 'spam' OR x.confirmed_at IS NOT NULL)
            GROUP BY x.request_id OFFSET 0
        ) n
    ),
    counted AS MATERIALIZED (
        SELECT g.tenant_id, n.* FROM clients g CROSS JOIN LATERAL (
            SELECT o.request_id, jsonb_agg(jsonb_build_array(o.month, o.clock, o.run)) AS runs
            FROM sla_outcomes o
            WHERE o.tenant_id = g.tenant_id AND o.month >= :since AND o.outcome = 'breached'
            GROUP BY o.request_id OFFSET 0
        ) n
    ),
    known AS MATERIALIZED (
        SELECT r.* FROM clients g CROSS JOIN LATERAL (
            SELECT r.tenant_id, r.id, r.number, r.line, r.item, r.item_version, r.title, r.priority,
                r.state, r.raised_at, r.due_at, r.reopened_count
            FROM requests r WHERE r.tenant_id = g.tenant_id OFFSET 0
        ) r
    ),
    chosen AS MATERIALIZED (
        SELECT r.tenant_id, r.id, r.number, r.line, r.item, r.item_version, r.title, r.priority,
            r.state, coalesce(x.kind, '') AS excluded, c.runs
        FROM recent n
        LEFT JOIN odd USING (tenant_id, request_id)
        LEFT JOIN excluded x USING (tenant_id, request_id)
        LEFT JOIN counted c USING (tenant_id, request_id)
        JOIN known r ON r.tenant_id = n.tenant_id AND r.id = n.request_id
        WHERE n.answered > r.raised_at + :shortest OR n.ended > r.due_at OR r.reopened_count > 0
            OR odd.request_id IS NOT NULL
    ),
    cancelled AS MATERIALIZED (
        SELECT h.tenant_id, h.id, m.actor_side
        FROM chosen h CROSS JOIN LATERAL (
            SELECT m.actor_side FROM request_moves m
            WHERE m.tenant_id = h.tenant_id AND m.request_id = h.id AND m.target = 'cancelled'
            ORDER BY m.at DESC LIMIT 1
        ) m WHERE h.state = 'cancelled'
    )
    SELECT h.tenant_id, h.number, h.title, h.excluded, h.runs, h.line AS now_line,
        h.item AS now_item, h.priority AS now_priority, h.item_version,
        coalesce(k.actor_side, '') AS cancelled_by,
        e.id, e.request_id, e.clock, e.event, e.at, e.reason, e.question_id, e.voids, e.moment,
        e.line, e.item, e.priority
    FROM chosen h
    CROSS JOIN LATERAL (
        SELECT e.id, e.request_id, e.seq, e.clock, e.event, e.at, e.reason, e.question_id, e.voids,
            e.moment, e.line, e.item, e.priority
        FROM sla_events e WHERE e.tenant_id = h.tenant_id AND e.request_id = h.id OFFSET 0
    ) e
    LEFT JOIN cancelled k ON k.tenant_id = h.tenant_id AND k.id = h.id
    ORDER BY h.tenant_id, h.number, e.seq
""")


def list_ledgers(
    session: Session, *, ids: Sequence[UUID], start: datetime, shortest: timedelta
) -> Sequence[Row[Any]]:
    """Events of requests of which a clock stopped since then and may have been late; no first answer
    that came within `shortest` is."""
    return session.execute(
        LEDGERS,
        {
            "ids": list(ids),
            "start": start,
            "since": (start - LONGEST).date(),
            "shortest": shortest,
        },
    ).all()
