"""What deposits had paid of an invoice that was credited or replaced, and are free for again; an
invoice that was sent with nothing left to pay is paid, and the latest check of a file counts."""

from migrations.sql import run

revision = "0053"
down_revision = "0052"

TABLES = (
    "sales_invoices", "sales_invoice_standings", "sales_invoice_deductions", "validation_slips",
)  # fmt: skip
RIGHTED = [
    # What stands in its place took the deposits over or left them free.
    """
    UPDATE sales_invoice_standings s SET released = i.prepaid
    FROM sales_invoices i
    WHERE i.tenant_id = s.tenant_id AND i.id = s.id AND i.prepaid > 0 AND EXISTS (
        SELECT FROM sales_invoices f
        WHERE f.tenant_id = i.tenant_id AND f.preceding_id = i.id AND f.type = '384'
            AND f.number <> ''
    )
    """,
    # Credit notes of before said nothing of deposits: they gave these back too, so that they aren't
    # free. One that was used since stays as it is.
    """
    UPDATE sales_invoice_deductions d SET released_at = NULL
    FROM sales_invoices i, sales_invoice_standings s, sales_invoices p, sales_invoice_standings t
    WHERE i.tenant_id = d.tenant_id AND i.id = d.invoice_id
        AND s.tenant_id = i.tenant_id AND s.id = i.id
        AND p.tenant_id = d.tenant_id AND p.id = d.deposit_id
        AND t.tenant_id = p.tenant_id AND t.id = p.id
        AND d.released_at IS NOT NULL AND s.credited >= i.gross AND s.released = 0
        AND t.credited + d.amount <= p.gross AND NOT EXISTS (
            SELECT FROM sales_invoice_deductions o
            WHERE o.tenant_id = d.tenant_id AND o.deposit_id = d.deposit_id
                AND (o.released_at IS NULL OR o.id > d.id)
        )
    """,
    """
    UPDATE sales_invoice_standings s SET state = 'paid', version = s.version + 1
    FROM sales_invoices i
    WHERE i.tenant_id = s.tenant_id AND i.id = s.id AND i.type <> '381'
        AND s.state IN ('sent', 'partly_paid') AND i.due - s.settled - s.credited + s.released <= 0
    """,
    # A later check of the file that counts said otherwise, and nobody was kept from sending it.
    """
    UPDATE sales_invoice_standings s SET files = k.outcome, problem = '', version = s.version + 1
    FROM (
        SELECT DISTINCT ON (tenant_id, version_id) tenant_id, version_id, outcome
        FROM validation_slips ORDER BY tenant_id, version_id, at DESC, id DESC
    ) k
    WHERE k.tenant_id = s.tenant_id AND k.version_id = s.file_version_id AND k.outcome <> s.files
        AND s.files IN ('valid', 'invalid', 'not_validated')
    """,
]
STANDINGS = [
    "ALTER TABLE sales_invoice_standings ADD COLUMN released BIGINT DEFAULT '0' NOT NULL",
    # The owner sees no row of a table whose row security is forced.
    *(f"ALTER TABLE {one} NO FORCE ROW LEVEL SECURITY" for one in TABLES),
    *RIGHTED,
    *(f"ALTER TABLE {one} FORCE ROW LEVEL SECURITY" for one in TABLES),
]


def upgrade() -> None:
    run(STANDINGS)
