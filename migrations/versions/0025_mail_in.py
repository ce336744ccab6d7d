"""Mails that clients send, and senders from whom nothing is taken."""

from migrations.sql import definer, run
from tenants.rls import tenant_table

revision = "0025"
down_revision = "0024"

MAILS = [
    """
    CREATE TABLE inbound_mails (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        received_at TIMESTAMP WITH TIME ZONE NOT NULL,
        source TEXT NOT NULL,
        recipient TEXT NOT NULL,
        line TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        file_id UUID,
        size INTEGER NOT NULL,
        envelope_from TEXT NOT NULL,
        sender TEXT NOT NULL,
        sender_name TEXT NOT NULL,
        subject TEXT NOT NULL,
        state TEXT DEFAULT 'received' NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        proof TEXT DEFAULT '' NOT NULL,
        user_id UUID,
        request_id UUID,
        words TEXT DEFAULT '' NOT NULL,
        attachments JSONB DEFAULT '[]' NOT NULL,
        decided_at TIMESTAMP WITH TIME ZONE,
        decided_by_name TEXT DEFAULT '' NOT NULL,
        decided_words TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_inbound_mails PRIMARY KEY (tenant_id, id),
        CONSTRAINT ck_inbound_mails_source CHECK (source IN ('hook', 'lmtp')),
        CONSTRAINT ck_inbound_mails_state CHECK (state IN ('received', 'landed', 'waiting', 'accepted', 'discarded')),
        CONSTRAINT ck_inbound_mails_proof CHECK (proof IN ('', 'reply_token', 'signature')),
        CONSTRAINT ck_inbound_mails_landed CHECK (state <> 'landed' OR (proof <> '' AND user_id IS NOT NULL AND request_id IS NOT NULL)),
        CONSTRAINT uq_inbound_mails_tenant_id_fingerprint UNIQUE (tenant_id, fingerprint),
        CONSTRAINT fk_inbound_mails_line FOREIGN KEY(line) REFERENCES service_lines (code),
        CONSTRAINT fk_inbound_mails_tenant_id_file_id FOREIGN KEY(tenant_id, file_id) REFERENCES files (tenant_id, id),
        CONSTRAINT fk_inbound_mails_tenant_id_request_id FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, id),
        CONSTRAINT fk_inbound_mails_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    "CREATE INDEX ix_inbound_mails_received ON inbound_mails (tenant_id, received_at)",
    "CREATE INDEX ix_inbound_mails_waiting ON inbound_mails (tenant_id, line, id) WHERE state = 'waiting'",
    *tenant_table("inbound_mails", desk=True),
    """
    CREATE TABLE blocked_senders (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        address TEXT NOT NULL,
        blocked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        blocked_by_name TEXT NOT NULL,
        CONSTRAINT pk_blocked_senders PRIMARY KEY (tenant_id, id),
        CONSTRAINT uq_blocked_senders_tenant_id_address UNIQUE (tenant_id, address),
        CONSTRAINT fk_blocked_senders_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    *tenant_table("blocked_senders", rights="SELECT, INSERT, DELETE"),
]

# Of a message that came by mail: the history below it, what was not taken, who vouched for it.
MESSAGES = ["ALTER TABLE client_messages ADD COLUMN mail JSONB"]

# Whose an address is, before anybody's scope is set. Ids only.
ADDRESSES = definer(
    "mail_in_tenant",
    "p_slug text, p_code text",
    "uuid",
    """
    SELECT id FROM tenants
    WHERE kind = 'client' AND state <> 'closed' AND (slug = p_slug OR code = p_code)
    """,
    owner="coulisse_lookup",
)


def upgrade() -> None:
    run(MAILS)
    run(MESSAGES)
    run(ADDRESSES)
