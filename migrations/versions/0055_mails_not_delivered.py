"""An invoice knows when its mail never left; what was given up before is noted."""

from migrations.sql import run

revision = "0055"
down_revision = "0054"

TABLES = ("outbox", "sales_invoice_events", "sales_invoice_standings")
NOTED = [
    # Its mails are numbered as its sendings are.
    """
    UPDATE sales_invoice_events e SET facts = e.facts || jsonb_build_object('mail', o.mail)
    FROM (
        SELECT tenant_id, id, invoice_id,
            row_number() OVER (PARTITION BY tenant_id, invoice_id ORDER BY id DESC) AS place
        FROM sales_invoice_events WHERE verb = 'sent'
    ) s
    JOIN (
        SELECT tenant_id, split_part(dedupe_key, ':', 2)::uuid AS invoice_id,
            split_part(dedupe_key, ':', 3) AS mail,
            row_number() OVER (PARTITION BY tenant_id, split_part(dedupe_key, ':', 2)
                               ORDER BY split_part(dedupe_key, ':', 3)::int DESC) AS place
        FROM outbox WHERE kind = 'mail' AND verb = 'sales_invoice.sent'
    ) o USING (tenant_id, invoice_id, place)
    WHERE e.tenant_id = s.tenant_id AND e.id = s.id
    """,
    """
    INSERT INTO sales_invoice_events (tenant_id, id, invoice_id, at, verb, by_name, facts)
    SELECT e.tenant_id, uuidv7(), e.invoice_id, now(), 'not_delivered', '', e.facts
    FROM sales_invoice_events e
    JOIN outbox o ON o.tenant_id = e.tenant_id
        AND o.dedupe_key = 'sales_invoice:' || e.invoice_id || ':' || (e.facts ->> 'mail')
    WHERE e.verb = 'sent' AND o.state = 'dead'
    """,
    # The last of its sendings was such a mail.
    """
    UPDATE sales_invoice_standings s
    SET undelivered_at = now(), undelivered_to = l.facts ->> 'to', version = s.version + 1
    FROM (
        SELECT DISTINCT ON (tenant_id, invoice_id) tenant_id, invoice_id, facts
        FROM sales_invoice_events WHERE verb IN ('sent', 'handed_over')
        ORDER BY tenant_id, invoice_id, id DESC
    ) l
    WHERE l.tenant_id = s.tenant_id AND l.invoice_id = s.id AND EXISTS (
        SELECT FROM sales_invoice_events d
        WHERE d.tenant_id = s.tenant_id AND d.invoice_id = s.id AND d.verb = 'not_delivered'
            AND d.facts ->> 'mail' = l.facts ->> 'mail'
    )
    """,
    # All of them were.
    """
    UPDATE sales_invoice_standings s
    SET sent_at = NULL, sent_by_name = '', sent_to = '',
        state = CASE WHEN s.state = 'sent' THEN 'validated' ELSE s.state END
    WHERE s.undelivered_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM sales_invoice_events e
        WHERE e.tenant_id = s.tenant_id AND e.invoice_id = s.id
            AND e.verb IN ('sent', 'handed_over') AND NOT EXISTS (
                SELECT FROM sales_invoice_events d
                WHERE d.tenant_id = e.tenant_id AND d.invoice_id = e.invoice_id
                    AND d.verb = 'not_delivered' AND d.facts ->> 'mail' = e.facts ->> 'mail'
            )
    )
    """,
]
STANDINGS = [
    "ALTER TABLE sales_invoice_standings ADD COLUMN undelivered_at TIMESTAMP WITH TIME ZONE,"
    " ADD COLUMN undelivered_to TEXT DEFAULT '' NOT NULL",
    # The owner sees no row of a table whose row security is forced.
    *(f"ALTER TABLE {one} NO FORCE ROW LEVEL SECURITY" for one in TABLES),
    *NOTED,
    *(f"ALTER TABLE {one} FORCE ROW LEVEL SECURITY" for one in TABLES),
]


def upgrade() -> None:
    run(STANDINGS)
