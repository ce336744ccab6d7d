"""Each condition of each definer function, always true and never true; who may call it, and what
its table names mean."""

import re
from collections import Counter

from sqlalchemy import Connection

from tests.isolation.mutation.mutant import Mutant, Mutants
from tests.structure import catalogue

CALL = r"[\w.':]+(?:\((?:[^()]|\([^()]*\))*\))?(?:::\w+)?"
ONE = rf"(?:ANY\s*\([^()]*\)|interval\s+'[^']*'|'[^']*'(?:::\w+)?|{CALL})"
VALUE = rf"{ONE}(?:\s*(?:[-+]|\|\|)\s*{ONE})*"
CONDITION = re.compile(
    rf"""(?P<before>\b(?:WHERE|AND|ON|OR|WHEN)\s+|\(\s*(?=[\w.]+\s+(?:IS|OR|AND)\b))
    (?P<it>
        [\w.]+\s+BETWEEN\s+{VALUE}\s+AND\s+{VALUE}
        | [\w.]+\s+IS\s+(?:NOT\s+)?(?:NULL|TRUE|FALSE)
        | {CALL}\s*(?:=|<>|<=|>=|<|>)\s*{VALUE}
        | (?:NOT\s+)?(?:\w+\.)?(?:active|approver)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def of_functions(connection: Connection) -> Mutants:
    for row in catalogue.rows(
        connection,
        "SELECT p.proname, p.prosrc, pg_get_functiondef(p.oid) AS definition,"
        " p.oid::regprocedure::text AS signature FROM pg_proc p"
        " WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace ORDER BY 1",
    ):
        seen: Counter[str] = Counter()
        for start, end, condition in conditions(row.prosrc):
            place = f"line {row.prosrc.count(chr(10), 0, start)}: {condition}"
            seen[place] += 1
            # parts of one UNION may stand in one line
            place += f" ({seen[place]})" if seen[place] > 1 else ""
            for value in ("true", "false"):
                body = f"{row.prosrc[:start]}{value}{row.prosrc[end:]}"
                yield Mutant(
                    "function", f"{row.proname} {place} -> {value}",
                    (row.definition.replace(row.prosrc, body),), (row.definition,),
                )  # fmt: skip
        yield Mutant(
            "function", f"{row.proname} for everybody",
            (f"GRANT EXECUTE ON FUNCTION {row.signature} TO PUBLIC",),
            (f"REVOKE EXECUTE ON FUNCTION {row.signature} FROM PUBLIC",),
        )  # fmt: skip
        yield Mutant(
            "function", f"{row.proname} without its search path",
            (f"ALTER FUNCTION {row.signature} RESET search_path",), (row.definition,),
        )  # fmt: skip


def conditions(body: str) -> list[tuple[int, int, str]]:
    found, position = [], 0
    while match := CONDITION.search(body, position):
        found.append((match.start("it"), match.end("it"), " ".join(match["it"].split())))
        position = match.end("it")
    return found
