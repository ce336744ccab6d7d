from collections.abc import Sequence

from alembic import op


def run(statements: Sequence[str]) -> None:
    """Plain SQL, sent as it stands: no colon or percent sign is read as a parameter."""
    connection = op.get_bind()
    for statement in statements:
        connection.exec_driver_sql(statement)


def definer(name: str, arguments: str, returns: str, body: str, *, owner: str) -> list[str]:
    """A SECURITY DEFINER function of a NOLOGIN role that sees just its listed tables."""
    signature = ", ".join(part.strip().split(" ", 1)[1] for part in arguments.split(",") if part)
    return [
        f"CREATE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE sql VOLATILE"
        f" SECURITY DEFINER SET search_path = public, pg_temp AS $${body}$$",
        f"REVOKE ALL ON FUNCTION {name}({signature}) FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {name}({signature}) TO coulisse_app",
        f"ALTER FUNCTION {name}({signature}) OWNER TO {owner}",
    ]
