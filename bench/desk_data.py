"""An operator with 50 live grants among 1,000 clients of 200 requests each, in every state, line and
priority; what was said stands in the requests of the granted ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from bench.browser import session_of
from bench.measure import Stage
from bench.people import BenchTenant, analyze, make_tenants
from tenants.core.ids import uuid7

CLIENTS, GRANTED, EACH = 1_000, 50, 200
LINES = ("finance", "hr", "sales")
# Of twenty requests four are over, three wait for the client, one is put off.
REQUESTS = """
    INSERT INTO requests (tenant_id, id, number, item, line, title, form, state, priority, version,
        raised_by_name, raised_side, assignee_id, assignee_name, due_at, respond_by, breach_at,
        raised_at, state_since, snoozed_until, closed_at)
    SELECT t, uuidv7(), n, line || '_question', line, 'Request ' || n || ' about ' || word, '{}', state,
        (ARRAY['normal', 'normal', 'high', 'low', 'urgent'])[1 + n % 5], 1, 'User', 'client',
        CASE WHEN n % 3 = 0 AND state <> 'new' THEN CAST(:operator AS uuid) END,
        CASE WHEN n % 3 = 0 AND state <> 'new' THEN 'Operator' ELSE '' END,
        due, CASE WHEN state = 'new' THEN due - interval '2 days' END,
        CASE WHEN state IN ('waiting_client', 'awaiting_approval', 'delivered', 'closed')
            THEN '9000-01-01 00:00:00+00' WHEN state = 'new' THEN due - interval '2 days' ELSE due END,
        due - interval '9 days', due - interval '4 days',
        CASE WHEN n % 20 = 14 THEN now() + interval '2 days' END,
        CASE WHEN state = 'closed' THEN due END
    FROM unnest(CAST(:tenants AS uuid[])) WITH ORDINALITY AS c(t, place),
        generate_series(1, CAST(:each AS integer)) n,
        LATERAL (SELECT
            (ARRAY['finance', 'finance', 'finance', 'hr', 'sales'])[1 + n % 5] AS line,
            (ARRAY['the closing', 'salaries', 'a supplier', 'VAT', 'a reminder', 'the bank',
                'holidays'])[1 + n % 7] AS word,
            (ARRAY['closed', 'closed', 'closed', 'closed', 'new', 'new', 'new', 'new', 'assigned',
                'assigned', 'assigned', 'assigned', 'in_progress', 'in_progress', 'in_progress',
                'waiting_client', 'waiting_client', 'awaiting_approval', 'in_review',
                'delivered'])[1 + n % 20] AS state,
            date_trunc('hour', now()) + (n * 37 % 400 - 40) * interval '3 hours'
                + place * interval '1 minute' AS due) AS made
"""
SAID = """
    INSERT INTO client_messages (tenant_id, request_id, at, author_name, author_side, body)
    SELECT tenant_id, id, raised_at + m * interval '1 hour', 'User',
        (ARRAY['client', 'provider'])[1 + m % 2],
        'Message ' || m || ' about ' || (ARRAY['the closing', 'salaries', 'a supplier', 'VAT',
            'a reminder', 'the bank', 'holidays'])[1 + (number + m) % 7] || ', case ' || number
    FROM requests, generate_series(1, 4) m WHERE tenant_id = ANY (CAST(:tenants AS uuid[]))
"""
MOVED = """
    INSERT INTO request_moves (tenant_id, request_id, at, verb, target, actor_name, actor_side)
    SELECT tenant_id, id, raised_at + m * interval '1 hour', (ARRAY['raise', 'assign', 'start'])[m],
        (ARRAY['new', 'assigned', 'in_progress'])[m], 'User', 'provider'
    FROM requests, generate_series(1, 3) m WHERE tenant_id = ANY (CAST(:tenants AS uuid[]))
"""
COUNTED = """
    INSERT INTO sla_events (tenant_id, request_id, seq, clock, event, at, line, item, priority,
        actor_name)
    SELECT tenant_id, id, e, (ARRAY['first_response', 'resolution', 'first_response'])[e],
        (ARRAY['started', 'started', 'stopped'])[e], raised_at + (e / 3) * interval '1 hour', line,
        item, priority, 'User'
    FROM requests, generate_series(1, 3) e WHERE tenant_id = ANY (CAST(:tenants AS uuid[]))
"""
GRANTS = """
    INSERT INTO grants (tenant_id, id, user_id, display_name, line, level, reason, expires_at)
    SELECT t, uuidv7(), :operator, 'Operator', line, 'review', 'bench', now() + interval '30 days'
    FROM unnest(CAST(:tenants AS uuid[])) t, unnest(CAST(:lines AS text[])) line
"""


@dataclass(frozen=True)
class Desk:
    """`cookie` is the operator's, with a second factor; `granted` are the clients of theirs."""

    operator: UUID
    cookie: str
    granted: Sequence[BenchTenant]

    @property
    def pairs(self) -> list[tuple[UUID, str]]:
        return [(tenant.id, line) for tenant in self.granted for line in LINES]


def make_desk(stage: Stage) -> Desk:
    tenants = make_tenants(stage, CLIENTS, prefix="desk")
    granted = tenants[:: CLIENTS // GRANTED]
    operator = uuid7()
    _make_operator(stage, operator)
    values = {
        "operator": operator, "each": EACH, "lines": list(LINES),
        "tenants": [tenant.id for tenant in granted],
    }  # fmt: skip
    with stage.superuser.begin() as connection:
        connection.execute(text(REQUESTS), values | {"tenants": [tenant.id for tenant in tenants]})
        for statement in (SAID, MOVED, COUNTED, GRANTS):
            connection.execute(text(statement), values)
    analyze(
        stage, "requests", "tenants", "users", "members", "grants", "client_messages",
        "request_moves", "sla_events",
    )  # fmt: skip
    return Desk(operator, session_of(stage, operator, second_factor=True), granted)


def _make_operator(stage: Stage, operator: UUID) -> None:
    with stage.superuser.begin() as connection:
        for statement in (
            (
                "INSERT INTO users (id, email, display_name)"
                " VALUES (:operator, 'operator@desk.example', 'Operator')"
            ),
            (
                "INSERT INTO staff (user_id, display_name, role)"
                " VALUES (:operator, 'Operator', 'operator')"
            ),
        ):
            connection.execute(text(statement), {"operator": operator})
