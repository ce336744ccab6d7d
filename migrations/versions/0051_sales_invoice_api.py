"""Documents, sales invoices and the directory in the search of the desk."""

from migrations.sql import definer, run
from tenants.rls import policy

revision = "0051"
down_revision = "0050"

# As 0014 has it for requests.
OPEN_CLIENTS = """
    SELECT g.tenant_id, array_agg(DISTINCT g.line) AS lines
    FROM grants g
    JOIN staff s ON s.user_id = g.user_id AND s.active
    JOIN tenants t ON t.id = g.tenant_id AND t.kind = 'client' AND t.state <> 'closed'
    WHERE g.user_id = nullif(current_setting('app.user_id', true), '')::uuid
    AND current_setting('app.side', true) = 'provider'
    AND g.ended_at IS NULL AND g.expires_at > now()
    GROUP BY g.tenant_id
"""
# The lines that work with customers and suppliers (app/directory/rights.py).
DIRECTORY = "ARRAY['finance', 'sales', 'administration', 'logistics', 'legal']"
TABLES = {
    "documents": "number, line, title",
    "sales_invoices": "tenant_id, id, number, customer_name",
    "parties": "tenant_id, id, number, name, merged_into, archived_at",
}
SEARCH = [
    "CREATE INDEX ix_documents_title ON documents USING gin (tenant_id, title gin_trgm_ops)",
    "CREATE INDEX ix_parties_name ON parties USING gin (tenant_id, name gin_trgm_ops)",
    *(
        policy(table, "found", "coulisse_lookup", "true", "SELECT")
        for table in ("sales_invoices", "parties")
    ),
    *(
        f"GRANT SELECT ({columns}) ON {table} TO coulisse_lookup"
        for table, columns in TABLES.items()
    ),
    *definer(
        "desk_search_records",
        "p_number bigint, p_invoice text, p_words text[], p_limit integer",
        "TABLE (kind text, slug text, client_code text, number text, id uuid, title text)",
        f"""
        WITH open AS MATERIALIZED ({OPEN_CLIENTS})
        SELECT hit.kind, t.slug, t.code, hit.number, hit.id, hit.title
        FROM open JOIN tenants t ON t.id = open.tenant_id
        CROSS JOIN LATERAL (
            (SELECT 'sales_invoice' AS kind, i.number, i.id, i.customer_name AS title
             FROM sales_invoices i
             WHERE i.tenant_id = open.tenant_id AND i.number = p_invoice AND i.number <> ''
             AND 'finance' = ANY (open.lines) LIMIT p_limit)
            UNION ALL
            (SELECT 'document', d.number::text, d.id, d.title FROM documents d
             WHERE d.tenant_id = open.tenant_id AND d.number = p_number
             AND d.deleted_at IS NULL AND d.line = ANY (open.lines) LIMIT p_limit)
            UNION ALL
            (SELECT 'document', d.number::text, d.id, d.title FROM documents d
             WHERE d.tenant_id = open.tenant_id AND cardinality(p_words) > 0
             AND d.title ILIKE p_words[1] AND d.title ILIKE ALL (p_words)
             AND d.deleted_at IS NULL AND d.line = ANY (open.lines)
             ORDER BY d.id DESC LIMIT p_limit)
            UNION ALL
            (SELECT 'party', p.number::text, p.id, p.name FROM parties p
             WHERE p.tenant_id = open.tenant_id AND cardinality(p_words) > 0
             AND p.name ILIKE p_words[1] AND p.name ILIKE ALL (p_words)
             AND p.merged_into IS NULL AND p.archived_at IS NULL
             AND {DIRECTORY} && open.lines
             ORDER BY p.id DESC LIMIT p_limit)
        ) hit
        ORDER BY hit.kind <> 'sales_invoice', hit.id DESC LIMIT p_limit
        """,
        owner="coulisse_lookup",
    ),
]


def upgrade() -> None:
    run(SEARCH)
