"""Behind a policy PostgreSQL uses an index only for comparisons that are leakproof: they can't tell
anything about rows that the policy hides. Others are evaluated after it, row by row."""

from sqlalchemy import Connection

from tests.structure import catalogue

# Comparisons that each policy makes, by their functions in the stored expression.
POLICY_COMPARISONS = """
SELECT c.relname, p.polname, found.function[1]::oid::regproc::text AS compares,
    (SELECT proleakproof FROM pg_proc WHERE oid = found.function[1]::oid) AS leakproof
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
CROSS JOIN LATERAL regexp_matches(
    concat(p.polqual, ' ', p.polwithcheck), '[:]opfuncid (\\d+)', 'g'
) AS found (function)
"""
# What the columns of each index are compared by, in the order of a btree or otherwise.
INDEX_COMPARISONS = """
SELECT t.relname AS table_name, i.relname AS index_name, k.ordinality AS place,
    format_type(a.atttypid, NULL) AS type, m.amname AS method,
    bool_and(p.proleakproof) AS leakproof
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_am m ON m.oid = i.relam
CROSS JOIN LATERAL unnest(x.indclass::oid[]) WITH ORDINALITY AS k (class, ordinality)
JOIN pg_attribute a ON a.attrelid = i.oid AND a.attnum = k.ordinality
JOIN pg_opclass c ON c.oid = k.class
JOIN pg_amop o ON o.amopfamily = c.opcfamily
    AND o.amoplefttype = c.opcintype AND o.amoprighttype = c.opcintype
JOIN pg_operator w ON w.oid = o.amopopr
JOIN pg_proc p ON p.oid = w.oprcode
WHERE t.relrowsecurity AND k.ordinality <= x.indnkeyatts
GROUP BY 1, 2, 3, 4, 5
"""


def leaking(connection: Connection) -> list[tuple[str, str, str]]:
    return [
        (row.table_name, row.index_name, row.type)
        for row in catalogue.rows(connection, INDEX_COMPARISONS)
        if not row.leakproof
    ]


def test_policies_compare_by_leakproof_operators(database: Connection) -> None:
    found = catalogue.rows(database, POLICY_COMPARISONS)
    assert len(found) > 50
    assert not [tuple(row) for row in found if not row.leakproof]


def test_indexes_behind_policies_hold_only_what_leakproof_operators_compare(
    database: Connection,
) -> None:
    assert catalogue.rows(database, INDEX_COMPARISONS)
    found = {index for _, index, _ in leaking(database)}
    assert found == set(catalogue.LEAKING_INDEXES)


def test_an_index_of_a_wrong_type_is_found(database: Connection) -> None:
    """Money as numeric, states as an array, facts as jsonb: each would be read row by row."""
    transaction = database.begin()
    database.exec_driver_sql(
        "CREATE TABLE wrong (tenant_id uuid, price numeric, facts jsonb, tags text[])"
    )
    database.exec_driver_sql("ALTER TABLE wrong ENABLE ROW LEVEL SECURITY")
    for column in ("price", "facts", "tags"):
        database.exec_driver_sql(f"CREATE INDEX wrong_{column} ON wrong (tenant_id, {column})")
    database.exec_driver_sql("CREATE INDEX right_one ON wrong (tenant_id)")
    found = {index for table, index, _ in leaking(database) if table == "wrong"}
    transaction.rollback()
    assert found == {"wrong_price", "wrong_facts", "wrong_tags"}
