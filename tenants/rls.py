"""What migrations call to put a table behind row security. The forms are fixed (ADR 0002): an
equality for the role that acts in one tenant, `= ANY` for the desk, never a subquery."""

ONE = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
MANY = "tenant_id = ANY (nullif(current_setting('app.tenant_ids', true), '')::uuid[])"
ME = "user_id = nullif(current_setting('app.user_id', true), '')::uuid"
PROVIDER = "current_setting('app.side', true) = 'provider'"
# The provider's administrators see a client's figures and people, never its content.
NOT_ADMINISTRATION = "current_setting('app.side', true) IS DISTINCT FROM 'administration'"


def force(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    ]


def policy(
    table: str, name: str, role: str, using: str, command: str = "ALL", check: str | None = None
) -> str:
    parts = [f"CREATE POLICY {name} ON {table} FOR {command} TO {role}"]
    if command != "INSERT":
        parts.append(f"USING ({using})")
    if command in ("ALL", "INSERT", "UPDATE"):
        parts.append(f"WITH CHECK ({check or using})")
    return " ".join(parts)


def closed_to_administration(table: str) -> str:
    """Restrictive: it narrows whatever other policies allow. A constant of the statement, so that
    indexes serve as before."""
    return (
        f"CREATE POLICY not_administration ON {table} AS RESTRICTIVE FOR ALL TO coulisse_app"
        f" USING ({NOT_ADMINISTRATION}) WITH CHECK ({NOT_ADMINISTRATION})"
    )


def tenant_table(
    table: str,
    *,
    rights: str = "SELECT, INSERT, UPDATE, DELETE",
    desk: bool = False,
    also: str | None = None,
    content: bool = True,
) -> list[str]:
    """Statements for a tenant-owned table; `desk` lets operators' queues read it, `also` is a
    further condition (the notes' side). Without `content` the provider's administration may use it:
    such a table stands in the list of `tests/structure` too."""
    condition = f"{ONE} AND {also}" if also else ONE
    statements = [
        *force(table),
        policy(table, "one_tenant", "coulisse_app", condition),
        f"GRANT {rights} ON {table} TO coulisse_app",
    ]
    if content:
        statements.append(closed_to_administration(table))
    if desk:
        statements += [
            policy(table, "granted_tenants", "coulisse_desk", MANY, "SELECT"),
            f"GRANT SELECT ON {table} TO coulisse_desk",
        ]
    return statements
