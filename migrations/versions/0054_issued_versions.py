"""Whether a file was replaced, and by which version, is told of issued versions alone: what people
sent on top of them was never issued."""

from migrations.sql import definer, run

revision = "0054"
down_revision = "0053"

PROVIDER_ID = "00000000-0000-7000-8000-000000000001"

VERIFY = definer(
    "verify_document",
    "p_sha256 text, p_code text",
    "TABLE (issued_at timestamptz, kind text, version integer, latest integer,"
    " replaced_at timestamptz, company text, provider text)",
    f"""
    SELECT v.issued_at, d.kind, i.version, i.latest, i.replaced_at,
        CASE WHEN coalesce(l.named, true) THEN t.name ELSE '' END, p.name
    FROM tenants t
    JOIN document_versions v ON v.tenant_id = t.id
        AND (v.sha256 = p_sha256 OR v.code = nullif(p_code, ''))
    JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
    JOIN tenants p ON p.id = '{PROVIDER_ID}'
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE n.number <= v.number)::integer AS version,
            count(*)::integer AS latest,
            min(n.issued_at) FILTER (WHERE n.number > v.number) AS replaced_at
        FROM document_versions n
        WHERE n.tenant_id = v.tenant_id AND n.document_id = v.document_id AND n.origin = 'issued'
    ) i
    LEFT JOIN letterheads l ON l.tenant_id = t.id
    WHERE v.origin = 'issued' AND d.deleted_at IS NULL
    ORDER BY v.issued_at LIMIT 1
    """,
    owner="coulisse_lookup",
)


def upgrade() -> None:
    run(["SET LOCAL ROLE coulisse_lookup", "DROP FUNCTION verify_document(text, text)"])
    run(["RESET ROLE"])
    run(VERIFY)
