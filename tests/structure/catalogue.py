"""What the database itself says about tables, policies, keys and rights."""

from typing import Any

from sqlalchemy import Connection, text

# Tables without a tenant, each with the reason; everything else must be tenant-owned.
GLOBAL_TABLES = {
    "tenants": "the clients themselves; own row, or the granted ones at the desk",
    "users": "one person, several clients; own row only",
    "staff": "names and roles of the provider's people",
    "sign_in_sessions": "own sessions only",
    "recovery_codes": "own codes only; an administrator's reset drops them",
    "user_tokens": "own links only; made and found by sign-in functions",
    "service_lines": "reference table",
    "catalogue_items": "reference table: which version of an item holds, for every client",
    "catalogue_versions": "reference table: items of the catalogue as they were and are",
    "deadline_versions": "reference table: what the provider says of statutory deadlines",
    "rule_packs": "reference table: rule sets that files of every client are checked by",
    "catalog_map": "reference table: plan to Stripe's ids",
    "stripe_customers": "which client a Stripe customer is; found by one function",
    "webhook_inbox": "events as they arrive, before their client is known",
    "periodic_tasks": "the dispatcher's own",
    "leaders": "the dispatcher's own",
    "job_workers": "worker processes that live, with ids of what they run",
    "alembic_version": "Alembic's own",
    "timers": "one running timer per person over all clients; own row only",
    "review_rates": "the provider's own: how much of which work is checked, at every client",
    "review_standings": "the provider's own: whose work of a kind is checked until when",
    "internal_rates": "the provider's own: what an hour of its people costs",
    "seal_certificates": "public: whoever trusts the provider's root checks a seal with it",
    "seal_keys": "the provider's own: keys of its seals, under the master key",
    "locked_months": "the provider's own: until when time is settled, at every client",
}
# Definer functions, with the role that owns each and sees just its listed tables.
DEFINER_FUNCTIONS = {
    "session_context": "coulisse_signin",
    "token_context": "coulisse_signin",
    "sign_in_lookup": "coulisse_signin",
    "my_workspaces": "coulisse_signin",
    "ensure_user": "coulisse_signin",
    "start_user_token": "coulisse_signin",
    "user_of_token": "coulisse_signin",
    "mail_recipients": "coulisse_signin",
    "member_facts": "coulisse_signin",
    "reset_second_factor": "coulisse_signin",
    "end_invitations": "coulisse_signin",
    "stripe_customer_owner": "coulisse_lookup",
    "company_figures": "coulisse_figures",
    "staff_facts": "coulisse_signin",
    "staff_reach": "coulisse_figures",
    "end_staff_sessions": "coulisse_signin",
    "start_departure": "coulisse_figures",
    "departure_states": "coulisse_figures",
    "desk_search": "coulisse_lookup",
    "mail_in_tenant": "coulisse_lookup",
    "desk_find_item": "coulisse_lookup",
    "desk_search_records": "coulisse_lookup",
    "hand_over_timer": "coulisse_figures",
    "my_time": "coulisse_figures",
    "staff_standing": "coulisse_figures",
    "staff_away": "coulisse_figures",
    "start_job_batch": "coulisse_figures",
    "job_tenants": "coulisse_figures",
    "job_figures": "coulisse_figures",
    "job_throughput": "coulisse_figures",
    "listed_jobs": "coulisse_figures",
    "dead_effects": "coulisse_figures",
    "dispatcher_leads": "coulisse_figures",
    "catalogue_use": "coulisse_figures",
    "provider_letterhead": "coulisse_figures",
    "billing_companies": "coulisse_figures",
    "billing_usage": "coulisse_figures",
    "billing_pending_minutes": "coulisse_figures",
    "billing_agreed_prices": "coulisse_figures",
    "billing_history": "coulisse_figures",
    "billing_invoices": "coulisse_figures",
    "billing_course": "coulisse_figures",
    "billing_findings": "coulisse_figures",
    "billing_dead_jobs": "coulisse_figures",
    "billing_rejected_hours": "coulisse_figures",
    "billing_parked_events": "coulisse_figures",
    "billing_revenue": "coulisse_figures",
    "billing_time": "coulisse_figures",
    "billing_credits": "coulisse_figures",
    "billing_time_entries": "coulisse_figures",
    "unpark_event": "coulisse_figures",
    "put_event_aside": "coulisse_figures",
    "subscription_seller": "coulisse_figures",
    "file_stripe_events": "coulisse_figures",
    "tell_billing": "coulisse_figures",
    "listed_credits": "coulisse_figures",
    "listed_contests": "coulisse_figures",
    "verify_document": "coulisse_lookup",
    "subscription_invoicer": "coulisse_lookup",
}
# What the provider's administrators may use of a client: people, access, the subscription's start,
# and what tells of it. Every other table holds content, which a restrictive policy closes to them.
ADMINISTRATION_MAY = {
    "members", "grants", "api_tokens", "counters", "jobs", "outbox", "billing_accounts",
    "audit_events", "contract_versions", "contract_drafts", "job_decisions",
    "price_overrides", "price_decisions", "billing_transitions", "reconcile_findings",
    "entitlement_overrides",
    "plan_changes", "subscriptions", "subscription_items",
    "usage_contests", "credits", "credit_notes", "credit_balances", "stripe_invoices",
    "stripe_invoice_lines",
}  # fmt: skip
# Indexes that don't begin with the tenant, with the reason.
OTHER_INDEXES = {
    "ix_grants_user_id": "my_workspaces() looks up one person's grants",
    "ix_api_tokens_token_hash": "token_context() finds whose a token is",
}
# Indexes of types whose comparisons are not leakproof, with the reason.
LEAKING_INDEXES = {
    "ix_requests_title": "only desk_search() looks there, whose role no policy hides a row from",
    "ix_client_messages_body": "as ix_requests_title",
    "ix_documents_title": "as ix_requests_title, for desk_search_records()",
    "ix_parties_name": "as ix_documents_title",
    "uq_users_email": "only sign-in's role looks there, and its policy hides no row from it",
}


def rows(connection: Connection, sql: str, **params: Any) -> list[Any]:
    return list(connection.execute(text(sql), params))


def tables(connection: Connection) -> dict[str, Any]:
    return {
        row.relname: row
        for row in rows(
            connection,
            """
            SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
                pg_get_userbyid(c.relowner) AS owner,
                EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
                    AND a.attname = 'tenant_id' AND a.attnotnull AND NOT a.attisdropped) AS owned
            FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r','p')
            """,
        )
    }


def constraints(connection: Connection) -> list[Any]:
    """Keys of every table with their columns in order; `target` is a foreign key's table."""
    return rows(
        connection,
        """
        SELECT r.relname AS table_name, c.conname AS name, c.contype AS kind,
            t.relname AS target,
            ARRAY(SELECT a.attname FROM unnest(c.conkey) WITH ORDINALITY k(n, i)
                JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY i)
                ::text[] AS columns,
            ARRAY(SELECT a.attname FROM unnest(c.confkey) WITH ORDINALITY k(n, i)
                JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY i)
                ::text[] AS target_columns
        FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
        LEFT JOIN pg_class t ON t.oid = c.confrelid
        WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'f')
        """,
    )


def policies(connection: Connection) -> list[Any]:
    return rows(
        connection,
        "SELECT tablename, policyname, permissive, roles::text[] AS roles, cmd, qual, with_check"
        " FROM pg_policies WHERE schemaname = 'public'",
    )


def fingerprint(connection: Connection) -> set[tuple[str, ...]]:
    """Constraints, indexes and computed columns, as PostgreSQL prints them back."""
    return {
        *(("constraint", *row) for row in rows(connection, """
            SELECT r.relname, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
            JOIN pg_class r ON r.oid = c.conrelid
            WHERE c.connamespace = 'public'::regnamespace AND c.contype <> 'n'
            AND r.relname <> 'alembic_version'""")),
        *(("index", *row) for row in rows(connection, """
            SELECT tablename, indexname, indexdef FROM pg_indexes
            WHERE schemaname = 'public' AND tablename <> 'alembic_version'""")),
        *(("column", *row) for row in rows(connection, """
            SELECT table_name, column_name, concat_ws(' ', data_type, udt_name, is_nullable,
                column_default, generation_expression)
            FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name <> 'alembic_version'""")),
    }  # fmt: skip
