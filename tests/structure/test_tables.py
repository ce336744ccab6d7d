"""The rules of isolation, read from the database's own catalogue (ADR 0002)."""

import re

import pytest
from sqlalchemy import Connection

from tests.structure import catalogue
from tests.structure.catalogue import GLOBAL_TABLES

EQUALITY = "tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid"
ANY_OF = (
    "tenant_id = ANY ((NULLIF(current_setting('app.tenant_ids'::text, true), ''::text))::uuid[])"
)


def test_every_table_is_tenant_owned_or_listed_with_a_reason(database: Connection) -> None:
    unlisted = {
        name
        for name, table in catalogue.tables(database).items()
        if not table.owned and name not in GLOBAL_TABLES
    }
    assert not unlisted


def test_row_security_is_on_and_forced_everywhere(database: Connection) -> None:
    loose = {
        name
        for name, table in catalogue.tables(database).items()
        if name != "alembic_version" and not (table.relrowsecurity and table.relforcerowsecurity)
    }
    assert not loose


def test_tables_belong_to_the_owner_that_serves_nothing(database: Connection) -> None:
    owners = {table.owner for table in catalogue.tables(database).values()}
    assert owners == {"coulisse_owner"}


def test_keys_begin_with_the_tenant(database: Connection) -> None:
    owned = {n for n, t in catalogue.tables(database).items() if t.owned}
    wrong = []
    for key in catalogue.constraints(database):
        if key.table_name not in owned or key.table_name in GLOBAL_TABLES:
            continue
        if key.kind in ("p", "u"):
            right = key.columns[0] == "tenant_id"
        elif key.target in GLOBAL_TABLES:
            right = True
        else:
            right = key.columns[0] == "tenant_id" and key.target_columns[0] == "tenant_id"
        if not right:
            wrong.append((key.table_name, key.name))
    assert not wrong


def test_indexes_begin_with_the_tenant(database: Connection) -> None:
    owned = {n for n, t in catalogue.tables(database).items() if t.owned}
    wrong = [
        row.indexname
        for row in catalogue.rows(
            database, "SELECT tablename, indexname, indexdef FROM pg_indexes"
                       " WHERE schemaname = 'public'"
        )
        if row.tablename in owned - set(GLOBAL_TABLES)
        and not re.search(r"\(tenant_id\b", row.indexdef)
        and row.indexname not in catalogue.OTHER_INDEXES
    ]  # fmt: skip
    assert not wrong


def test_policies_of_tenant_tables_have_the_measured_form(database: Connection) -> None:
    wrong = []
    for policy in catalogue.policies(database):
        if policy.tablename in GLOBAL_TABLES or policy.permissive == "RESTRICTIVE":
            continue
        if policy.roles == ["coulisse_app"]:
            texts = [t for t in (policy.qual, policy.with_check) if t is not None]
            right = bool(texts) and all(EQUALITY in t for t in texts)
            right = right and policy.cmd == "ALL" and policy.with_check is not None
        elif policy.roles == ["coulisse_desk"]:
            right = policy.cmd == "SELECT" and ANY_OF in policy.qual
        else:
            right = policy.roles in (
                ["coulisse_dispatcher"], ["coulisse_signin"], ["coulisse_figures"],
                ["coulisse_lookup"],
            )  # fmt: skip
        if not right:
            wrong.append((policy.tablename, policy.policyname))
    assert not wrong


def test_one_policy_per_table_for_the_role_that_acts(database: Connection) -> None:
    """A second permissive policy of the same command would widen the first."""
    seen: dict[str, int] = {}
    for policy in catalogue.policies(database):
        if policy.permissive == "RESTRICTIVE":
            continue
        if policy.tablename not in GLOBAL_TABLES and "coulisse_app" in policy.roles:
            seen[policy.tablename] = seen.get(policy.tablename, 0) + 1
    owned = {n for n, t in catalogue.tables(database).items() if t.owned} - set(GLOBAL_TABLES)
    assert seen == dict.fromkeys(owned, 1)


NOT_ADMINISTRATION = (
    "(current_setting('app.side'::text, true) IS DISTINCT FROM 'administration'::text)"
)


def test_content_is_closed_to_administration(database: Connection) -> None:
    """Each tenant table stands in the list of what administration may use, or is closed to it."""
    owned = {n for n, t in catalogue.tables(database).items() if t.owned} - set(GLOBAL_TABLES)
    narrowing = {
        policy.tablename: policy
        for policy in catalogue.policies(database)
        # A rating is closed to the provider's side as well, and an invoice to changes.
        if policy.permissive == "RESTRICTIVE"
        and not policy.policyname.startswith(("own_word", "draft_"))
    }
    assert set(narrowing) == owned - catalogue.ADMINISTRATION_MAY | {"audit_events"}
    audit = narrowing.pop("audit_events")
    assert (audit.cmd, audit.roles) == ("SELECT", ["coulisse_app"])
    assert {
        (p.policyname, p.cmd, tuple(p.roles), p.qual, p.with_check) for p in narrowing.values()
    } == {
        ("not_administration", "ALL", ("coulisse_app",), NOT_ADMINISTRATION, NOT_ADMINISTRATION)
    }  # fmt: skip


def test_no_policy_holds_a_subquery(database: Connection) -> None:
    with_query = [
        (p.tablename, p.policyname)
        for p in catalogue.policies(database)
        if re.search(r"\bSELECT\b", f"{p.qual} {p.with_check}", re.IGNORECASE)
    ]
    assert not with_query


# What the provider's administrators are told of billing, in figures.
BILLING = {
    "billing_accounts", "subscriptions", "subscription_items", "usage_events", "usage_buckets",
    "stripe_invoices", "stripe_invoice_lines", "invoice_items", "price_overrides",
    "price_decisions", "billing_transitions", "reconcile_findings", "billing_figures",
    "stripe_customers", "webhook_inbox", "plan_changes",
}  # fmt: skip


def test_the_sign_in_role_sees_only_its_tables(database: Connection) -> None:
    reached = {
        (row.grantee, row.table_name)
        for row in catalogue.rows(
            database,
            "SELECT DISTINCT grantee, table_name FROM information_schema.column_privileges"
            " WHERE grantee IN ('coulisse_signin', 'coulisse_lookup', 'coulisse_figures')",
        )
    }
    assert {t for role, t in reached if role == "coulisse_signin"} == {
        "users", "staff", "sign_in_sessions", "user_tokens", "tenants", "members", "grants",
        "api_tokens",
        "recovery_codes", "timers",
    }  # fmt: skip
    # Notes are not among what an operator's search reads.
    assert {t for role, t in reached if role == "coulisse_lookup"} == {
        "stripe_customers", "requests", "client_messages", "grants", "staff", "tenants",
        "open_items", "payment_controls", "letterheads", "documents", "document_versions",
        "invoicing_settings", "sales_invoices", "parties",
    }  # fmt: skip
    assert {t for role, t in reached if role == "coulisse_figures"} == {
        "tenants", "staff", "members", "grants", "requests", "audit_events", "jobs",
        "timers", "time_entries", "outbox", "leaders", "staff_skills", "absences", *BILLING,
        "credits", "usage_contests",
    }  # fmt: skip


def test_the_role_of_figures_reads_no_words(database: Connection) -> None:
    """It counts: ids, states and moments, and of the companies their names."""
    reached = {
        (row.table_name, row.column_name)
        for row in catalogue.rows(
            database,
            "SELECT table_name, column_name FROM information_schema.column_privileges"
            " WHERE grantee = 'coulisse_figures' AND privilege_type = 'SELECT'",
        )
    }
    other = {column for table, column in reached if table not in ("tenants", *BILLING)}
    assert other == {
        "tenant_id", "user_id", "role", "active", "removed_at", "ended_at", "expires_at",
        "assignee_id", "state", "at", "idempotency_key", "line", "level",
        "id", "client_id", "request_id", "worked_on", "minutes",
        # of jobs: codes, numbers and moments, not what they are about
        "name", "queue", "attempt", "failures", "max_attempts", "run_at", "lease_until",
        "progress_done", "progress_total", "created_at", "started_at", "finished_at",
        "parent_id", "held_since", "worker", "subject_id", "kind", "verb",
        # of credits and contested usage: what and how much, not why
        "month", "amount", "currency", "method", "waits", "asked_at", "issued_at", "number", "meter_key",
        "request_number", "quantity", "remains", "unit_amount", "invoice_number", "verdict",
        "dedupe_key",
        # of requests: how many by which item of the catalogue
        "item", "raised_at",
        # of our own people: what they can do, and when they are away
        "skill", "starts_at", "ends_at", "cancelled_at",
        # of requests and time: which line it was for, what of it is billed
        "merged_into", "time_step", "billable",
        # of an effect that failed: our own sentence, addresses left out
        "error",
    }  # fmt: skip
    seen = {column for table, column in reached if table in BILLING}
    assert not seen & {
        "billing_name", "billing_email", "country", "payload", "description",
        "proposed_by_name", "decided_by_name", "hosted_url", "pdf_url", "recorded_by",
    }  # fmt: skip


def test_the_dispatcher_sees_ids_and_no_content(database: Connection) -> None:
    reached: dict[str, set[str]] = {}
    for row in catalogue.rows(
        database,
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = 'coulisse_dispatcher' AND privilege_type = 'SELECT'",
    ):
        reached.setdefault(row.table_name, set()).add(row.column_name)
    assert set(reached) == {
        "jobs", "tenants", "leaders", "periodic_tasks", "webhook_inbox", "job_workers",
        "tenant_schedules",
    }  # fmt: skip
    assert reached["webhook_inbox"] == {"state", "received_at"}
    assert reached["tenants"] == {"id", "kind", "state", "access_state", "created_at"}
    assert not reached["jobs"] & {
        "args", "trace", "progress_message", "position", "error", "client_error", "result",
    }  # fmt: skip


def test_definer_functions_are_the_listed_ones(database: Connection) -> None:
    found = {
        row.proname: row
        for row in catalogue.rows(
            database,
            """
            SELECT p.proname, pg_get_userbyid(p.proowner) AS owner, p.proconfig::text[] AS config,
                has_function_privilege('public', p.oid, 'EXECUTE') AS open_to_all
            FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
            """,
        )
    }
    assert {n: r.owner for n, r in found.items()} == catalogue.DEFINER_FUNCTIONS
    assert all(r.config == ["search_path=public, pg_temp"] for r in found.values())
    assert not any(r.open_to_all for r in found.values())


@pytest.mark.parametrize(
    "role",
    ["coulisse_app", "coulisse_desk", "coulisse_dispatcher", "coulisse_owner",
     "coulisse_signin", "coulisse_lookup", "coulisse_figures"],
)  # fmt: skip
def test_no_role_stands_above_row_security(database: Connection, role: str) -> None:
    [row] = catalogue.rows(
        database,
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname = :role",
        role=role,
    )
    assert tuple(row) == (False, False, False, False)


def test_the_application_only_reads_and_writes_rows(database: Connection) -> None:
    rights = {
        row.privilege_type
        for row in catalogue.rows(
            database,
            "SELECT DISTINCT privilege_type FROM information_schema.table_privileges"
            " WHERE grantee IN ('coulisse_app', 'coulisse_desk', 'PUBLIC')"
            " AND table_schema = 'public'",
        )
    }
    assert rights <= {"SELECT", "INSERT", "UPDATE", "DELETE"}
    desk = {
        row.privilege_type
        for row in catalogue.rows(
            database,
            "SELECT DISTINCT privilege_type FROM information_schema.column_privileges"
            " WHERE grantee = 'coulisse_desk'",
        )
    }
    assert desk == {"SELECT"}


def test_append_only_tables_can_not_be_rewritten(database: Connection) -> None:
    for table in ("audit_events", "request_moves", "client_messages", "approvals", "reviews",
                  "time_entries", "usage_events", "sla_months", "sla_outcomes",
                  "sla_credits", "job_decisions", "job_batches"):  # fmt: skip
        [row] = catalogue.rows(
            database,
            "SELECT has_table_privilege('coulisse_app', :t, 'UPDATE') AS u,"
            " has_table_privilege('coulisse_app', :t, 'DELETE') AS d",
            t=table,
        )
        assert (row.u, row.d) == (False, False), table


def test_nothing_citus_would_refuse(database: Connection) -> None:
    """No trigger of ours, no SET NULL over the tenant, no sequence, no view around a policy."""
    assert not catalogue.rows(database, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    assert not catalogue.rows(
        database, "SELECT conname FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'n'"
    )
    assert not catalogue.rows(
        database,
        "SELECT relname FROM pg_class WHERE relkind IN ('S', 'v', 'm')"
        " AND relnamespace = 'public'::regnamespace",
    )
