"""What holds for the whole server: the roles themselves. Put back after each try."""

from tests.isolation.mutation.mutant import Mutant, Mutants

MEMBERSHIP = "GRANT coulisse_desk TO coulisse_app WITH INHERIT {}, SET TRUE"


def of_server() -> Mutants:
    for role in ("coulisse_app", "coulisse_desk", "coulisse_dispatcher", "coulisse_owner"):
        for attribute in ("BYPASSRLS", "SUPERUSER"):
            yield Mutant(
                "server", f"{role} {attribute}", (f"ALTER ROLE {role} {attribute}",),
                undo=(f"ALTER ROLE {role} NO{attribute}",),
            )  # fmt: skip
    yield Mutant(
        "server", "the application inherits the desk's rights",
        (MEMBERSHIP.format("TRUE"),), undo=(MEMBERSHIP.format("FALSE"),),
    )  # fmt: skip
    for role in ("coulisse_signin", "coulisse_lookup", "coulisse_owner", "coulisse_dispatcher"):
        yield Mutant(
            "server", f"the application may become {role}",
            (f"GRANT {role} TO coulisse_app WITH INHERIT FALSE, SET TRUE",),
            undo=(f"REVOKE {role} FROM coulisse_app",),
        )  # fmt: skip
