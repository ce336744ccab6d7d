"""Rows for measuring, written past the product as superuser: many, quickly."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from bench.measure import Stage
from tenants.core.ids import uuid7

ALL_VISIBLE = text(
    "SELECT relallvisible >= relpages * 0.95 FROM pg_class WHERE oid = CAST(:table AS regclass)"
)
_codes = ("".join(letters) for letters in itertools.product("ABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=3))


@dataclass(frozen=True)
class BenchTenant:
    id: UUID
    slug: str
    member: UUID


def make_tenants(stage: Stage, count: int, *, prefix: str) -> list[BenchTenant]:
    made = [BenchTenant(uuid7(), f"{prefix}-{n}", uuid7()) for n in range(count)]
    rows = [
        {
            "id": t.id, "slug": t.slug, "user": t.member, "email": f"user@{t.slug}.example",
            "code": next(_codes), "member": uuid7(),
        }
        for t in made
    ]  # fmt: skip
    with stage.superuser.begin() as connection:
        for statement in (
            (
                "INSERT INTO tenants (id, slug, name, code, colour, country, language, time_zone,"
                " wrapped_key) VALUES (:id, :slug, :slug, :code, '#226688', 'FR', 'fr',"
                " 'Europe/Paris', '')"
            ),
            "INSERT INTO users (id, email, display_name) VALUES (:user, :email, :slug)",
            (
                "INSERT INTO members (tenant_id, id, user_id, display_name, email, role, lines) VALUES"
                " (:id, :member, :user, :slug, :email, 'client_user', ARRAY['finance'])"
            ),
        ):
            connection.execute(text(statement), rows)
    return made


def make_requests(stage: Stage, tenant_ids: Sequence[UUID], *, each: int) -> None:
    with stage.superuser.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO requests (tenant_id, id, number, item, line, title, form, state,"
                " version, raised_by_name, raised_side, due_at, raised_at, state_since)"
                " SELECT t, uuidv7(), n, 'finance_question', 'finance', 'Request ' || n, '{}',"
                " CASE WHEN n % 5 = 0 THEN 'closed' ELSE 'new' END, 1, 'User', 'client',"
                " date_trunc('day', now()) + n / 3 * interval '1 day' + interval '17 hours',"
                " now(), now()"
                " FROM unnest(CAST(:tenants AS uuid[])) t, generate_series(1, :each) n"
            ),
            {"tenants": list(tenant_ids), "each": each},
        )
    analyze(stage, "requests", "tenants", "users", "members")


def analyze(stage: Stage, *tables: str) -> None:
    """What the database does by itself after a while: statistics, and which pages everybody sees.
    The latter waits for whoever still reads an older state, such as the database's own helpers."""
    engine = stage.superuser.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for table in tables:
            for _ in range(20):
                connection.execute(text(f"VACUUM ANALYZE {table}"))
                if connection.scalar(ALL_VISIBLE, {"table": table}):
                    break
                time.sleep(0.2)
