"""Supervision over the desk's 50 clients: 8,000 open requests, with recorded time and contracts that
give credits. Floor: one of these clients' own list of 50 as a complete page."""

from sqlalchemy import insert, text

from app.contracts.document import checked, first_document
from app.contracts.models import ContractVersion
from bench.browser import getter, session_of
from bench.desk_data import LINES, Desk
from bench.measure import Result, Stage
from bench.people import analyze
from bench.portal import statements
from tenants.core import clock
from tenants.models import PROVIDER_TENANT

SPENT = """
    INSERT INTO time_entries (tenant_id, request_id, user_id, user_name, worked_on, minutes, activity,
        category, at)
    SELECT tenant_id, id, :operator, 'Operator', current_date - number % 80, 15 + number % 60, 'Work',
        CASE WHEN number % 9 = 0 THEN 'rework' ELSE 'work' END, now()
    FROM requests WHERE tenant_id = ANY (CAST(:tenants AS uuid[])) AND number % 2 = 0
"""
PROVIDER = """
    INSERT INTO tenants (id, kind, slug, name, code, colour, country, language, time_zone, wrapped_key)
    VALUES (:provider, 'provider', 'provider', 'Provider', 'PRV', '#226688', 'FR', 'fr',
        'Europe/Paris', '')
    ON CONFLICT DO NOTHING
"""
# A part was delivered lately, the first answer of many came this month.
DELIVERED = """
    UPDATE requests SET delivered_at = now() - number * interval '4 hours'
    WHERE tenant_id = ANY (CAST(:tenants AS uuid[])) AND state = 'closed'
"""


def measure(stage: Stage, desk: Desk) -> list[Result]:
    _fill(stage, desk)
    page = getter(stage.app, "/supervision", Cookie=desk.cookie)
    behind = getter(stage.app, "/supervision/list?what=late", Cookie=desk.cookie)
    client = desk.granted[0]
    own = getter(
        stage.app, f"/c/{client.slug}/requests?state=open", Cookie=session_of(stage, client.member)
    )
    shown, listed, low = stage.meter.interleaved(page, behind, own, rounds=7)
    return [
        Result("supervision of 50 clients, 8,000 open requests, page", shown, 90, 50, low),
        Result("a list behind one of its figures", listed, 60, 35, low),
        Result("its SQL statements", statements(stage, page, bindings=False), 8, 8,
               unit="statements"),
    ]  # fmt: skip


def _fill(stage: Stage, desk: Desk) -> None:
    credits = {"cap": 1500, "rates": {"normal": 300, "high": 400, "urgent": 500, "low": 100},
               "bases": dict.fromkeys(LINES, 100_000)}  # fmt: skip
    document = checked({**first_document("FR", "Europe/Paris"), "credits": credits})
    values = {"operator": desk.operator, "tenants": [tenant.id for tenant in desk.granted]}
    with stage.superuser.begin() as connection:
        connection.execute(text(PROVIDER), {"provider": PROVIDER_TENANT})
        for statement in (SPENT, DELIVERED):
            connection.execute(text(statement), values)
        connection.execute(
            text("UPDATE staff SET role = 'supervisor' WHERE user_id = :operator"), values
        )
        connection.execute(
            insert(ContractVersion),
            [
                {"tenant_id": tenant.id, "number": 1, "valid_from": clock.now().date().replace(year=2020),
                 "document": document, "activated_at": clock.now(), "activated_by_name": "Bench"}
                for tenant in desk.granted
            ],
        )  # fmt: skip
    analyze(stage, "requests", "time_entries", "contract_versions")
