"""Customers and suppliers of a client company, their addresses, contacts and identifiers."""

from migrations.sql import run
from tenants.rls import tenant_table

revision = "0042"
down_revision = "0041"

TABLES = [
    """
    CREATE TABLE parties (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        number INTEGER NOT NULL,
        customer BOOLEAN NOT NULL,
        supplier BOOLEAN NOT NULL,
        kind TEXT NOT NULL,
        reference TEXT DEFAULT '' NOT NULL,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL,
        trade_name TEXT DEFAULT '' NOT NULL,
        legal_form TEXT DEFAULT '' NOT NULL,
        language TEXT NOT NULL,
        payment_days INTEGER,
        end_of_month BOOLEAN DEFAULT false NOT NULL,
        payment_text TEXT DEFAULT '' NOT NULL,
        currency TEXT NOT NULL,
        buyer_reference TEXT DEFAULT '' NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        version INTEGER NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_by_name TEXT NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        changed_by_name TEXT NOT NULL,
        archived_at TIMESTAMP WITH TIME ZONE,
        merged_into UUID,
        CONSTRAINT pk_parties PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_parties_merged_into FOREIGN KEY(tenant_id, merged_into) REFERENCES parties (tenant_id, id),
        CONSTRAINT uq_parties_tenant_id_number UNIQUE (tenant_id, number),
        CONSTRAINT ck_parties_kind CHECK (kind IN ('company', 'public_body', 'person')),
        CONSTRAINT ck_parties_language CHECK (language IN ('fr', 'de', 'en')),
        CONSTRAINT ck_parties_role CHECK (customer OR supplier),
        CONSTRAINT ck_parties_payment_days CHECK (payment_days BETWEEN 0 AND 365),
        CONSTRAINT ck_parties_currency CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT ck_parties_merged CHECK (merged_into IS NULL OR archived_at IS NOT NULL),
        CONSTRAINT fk_parties_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_parties_name_key ON parties (tenant_id, name_key, id)
    """,
    """
    CREATE UNIQUE INDEX uq_parties_reference ON parties (tenant_id, reference) WHERE reference <> '' AND merged_into IS NULL
    """,
    """
    CREATE TABLE party_accounts (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        party_id UUID NOT NULL,
        iban_sealed TEXT NOT NULL,
        iban_index TEXT NOT NULL,
        iban_shown TEXT NOT NULL,
        bic TEXT DEFAULT '' NOT NULL,
        bank_name TEXT DEFAULT '' NOT NULL,
        holder TEXT DEFAULT '' NOT NULL,
        state TEXT NOT NULL,
        source TEXT DEFAULT '' NOT NULL,
        entered_by UUID,
        entered_by_name TEXT NOT NULL,
        entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
        called_number TEXT DEFAULT '' NOT NULL,
        called_person TEXT DEFAULT '' NOT NULL,
        called_on TIMESTAMP WITH TIME ZONE,
        decided_by UUID,
        decided_by_name TEXT DEFAULT '' NOT NULL,
        decided_at TIMESTAMP WITH TIME ZONE,
        decision_note TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_party_accounts PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_party_accounts_tenant_id_party_id FOREIGN KEY(tenant_id, party_id) REFERENCES parties (tenant_id, id),
        CONSTRAINT ck_party_accounts_state CHECK (state IN ('active', 'quarantined', 'refused', 'retired')),
        CONSTRAINT ck_party_accounts_second_person CHECK (decided_by IS NULL OR decided_by IS DISTINCT FROM entered_by OR state <> 'active'),
        CONSTRAINT fk_party_accounts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_party_accounts_index ON party_accounts (tenant_id, iban_index)
    """,
    """
    CREATE UNIQUE INDEX uq_party_accounts_live ON party_accounts (tenant_id, party_id, iban_index) WHERE state IN ('active', 'quarantined')
    """,
    """
    CREATE TABLE party_addresses (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        party_id UUID NOT NULL,
        kind TEXT NOT NULL,
        main BOOLEAN NOT NULL,
        name TEXT DEFAULT '' NOT NULL,
        street TEXT DEFAULT '' NOT NULL,
        house_number TEXT DEFAULT '' NOT NULL,
        extra TEXT DEFAULT '' NOT NULL,
        postcode TEXT DEFAULT '' NOT NULL,
        city TEXT NOT NULL,
        region TEXT DEFAULT '' NOT NULL,
        country TEXT NOT NULL,
        CONSTRAINT pk_party_addresses PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_party_addresses_tenant_id_party_id FOREIGN KEY(tenant_id, party_id) REFERENCES parties (tenant_id, id),
        CONSTRAINT ck_party_addresses_kind CHECK (kind IN ('billing', 'delivery')),
        CONSTRAINT ck_party_addresses_country CHECK (country ~ '^[A-Z]{2}$'),
        CONSTRAINT fk_party_addresses_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_party_addresses_party ON party_addresses (tenant_id, party_id)
    """,
    """
    CREATE UNIQUE INDEX uq_party_addresses_main ON party_addresses (tenant_id, party_id, kind) WHERE main
    """,
    """
    CREATE TABLE party_contacts (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        party_id UUID NOT NULL,
        name TEXT NOT NULL,
        job TEXT DEFAULT '' NOT NULL,
        email TEXT DEFAULT '' NOT NULL,
        phone TEXT DEFAULT '' NOT NULL,
        main BOOLEAN NOT NULL,
        CONSTRAINT pk_party_contacts PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_party_contacts_tenant_id_party_id FOREIGN KEY(tenant_id, party_id) REFERENCES parties (tenant_id, id),
        CONSTRAINT fk_party_contacts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_party_contacts_party ON party_contacts (tenant_id, party_id)
    """,
    """
    CREATE UNIQUE INDEX uq_party_contacts_main ON party_contacts (tenant_id, party_id) WHERE main
    """,
    """
    CREATE TABLE party_endpoints (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        party_id UUID NOT NULL,
        scheme TEXT NOT NULL,
        value TEXT NOT NULL,
        main BOOLEAN NOT NULL,
        CONSTRAINT pk_party_endpoints PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_party_endpoints_tenant_id_party_id FOREIGN KEY(tenant_id, party_id) REFERENCES parties (tenant_id, id),
        CONSTRAINT uq_party_endpoints_tenant_id_party_id_scheme_value UNIQUE (tenant_id, party_id, scheme, value),
        CONSTRAINT ck_party_endpoints_scheme CHECK (scheme ~ '^[0-9A-Z]{2,4}$'),
        CONSTRAINT fk_party_endpoints_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_party_endpoints_main ON party_endpoints (tenant_id, party_id) WHERE main
    """,
    """
    CREATE TABLE party_identifiers (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        party_id UUID NOT NULL,
        scheme TEXT NOT NULL,
        value TEXT NOT NULL,
        exclusive BOOLEAN NOT NULL,
        CONSTRAINT pk_party_identifiers PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_party_identifiers_tenant_id_party_id FOREIGN KEY(tenant_id, party_id) REFERENCES parties (tenant_id, id),
        CONSTRAINT uq_party_identifiers_tenant_id_party_id_scheme UNIQUE (tenant_id, party_id, scheme),
        CONSTRAINT ck_party_identifiers_scheme CHECK (scheme IN ('siren', 'siret', 'vat', 'leitweg', 'register', 'tax_number', 'gln', 'duns', 'lei', 'creditor_id', 'other')),
        CONSTRAINT fk_party_identifiers_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_party_identifiers_value ON party_identifiers (tenant_id, value, scheme)
    """,
    """
    CREATE UNIQUE INDEX uq_party_identifiers_exclusive ON party_identifiers (tenant_id, scheme, value) WHERE exclusive
    """,
    """
    CREATE TABLE party_imports (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        number INTEGER NOT NULL,
        state TEXT NOT NULL,
        file_id UUID NOT NULL,
        file_name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        role TEXT NOT NULL,
        job_id UUID,
        problem JSONB,
        columns JSONB NOT NULL,
        ignored JSONB NOT NULL,
        rows_in INTEGER DEFAULT '0' NOT NULL,
        rows_new INTEGER DEFAULT '0' NOT NULL,
        rows_changed INTEGER DEFAULT '0' NOT NULL,
        rows_same INTEGER DEFAULT '0' NOT NULL,
        rows_rejected INTEGER DEFAULT '0' NOT NULL,
        rows_undone INTEGER DEFAULT '0' NOT NULL,
        rows_kept INTEGER DEFAULT '0' NOT NULL,
        created_by UUID,
        created_by_name TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        taken_at TIMESTAMP WITH TIME ZONE,
        taken_by_name TEXT DEFAULT '' NOT NULL,
        undone_at TIMESTAMP WITH TIME ZONE,
        undone_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_party_imports PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_party_imports_tenant_id_file_id FOREIGN KEY(tenant_id, file_id) REFERENCES files (tenant_id, id),
        CONSTRAINT uq_party_imports_tenant_id_number UNIQUE (tenant_id, number),
        CONSTRAINT ck_party_imports_state CHECK (state IN ('reading', 'refused', 'previewed', 'taking', 'taken', 'undoing', 'undone', 'dropped')),
        CONSTRAINT ck_party_imports_role CHECK (role IN ('customer', 'supplier')),
        CONSTRAINT fk_party_imports_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE TABLE party_merges (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        kept_id UUID NOT NULL,
        merged_id UUID NOT NULL,
        moved JSONB NOT NULL,
        kept_version INTEGER NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        by_name TEXT NOT NULL,
        undone_at TIMESTAMP WITH TIME ZONE,
        undone_by_name TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_party_merges PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_party_merges_tenant_id_kept_id FOREIGN KEY(tenant_id, kept_id) REFERENCES parties (tenant_id, id),
        CONSTRAINT fk_party_merges_tenant_id_merged_id FOREIGN KEY(tenant_id, merged_id) REFERENCES parties (tenant_id, id),
        CONSTRAINT fk_party_merges_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_party_merges_kept ON party_merges (tenant_id, kept_id)
    """,
    """
    CREATE INDEX ix_party_merges_merged ON party_merges (tenant_id, merged_id)
    """,
    """
    CREATE TABLE party_import_rows (
        tenant_id UUID NOT NULL,
        id UUID DEFAULT uuidv7() NOT NULL,
        import_id UUID NOT NULL,
        line INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        name TEXT DEFAULT '' NOT NULL,
        changes JSONB NOT NULL,
        reasons JSONB NOT NULL,
        party_id UUID,
        version INTEGER,
        before JSONB,
        taken BOOLEAN DEFAULT 'false' NOT NULL,
        undo TEXT DEFAULT '' NOT NULL,
        CONSTRAINT pk_party_import_rows PRIMARY KEY (tenant_id, id),
        CONSTRAINT fk_party_import_rows_tenant_id_import_id FOREIGN KEY(tenant_id, import_id) REFERENCES party_imports (tenant_id, id),
        CONSTRAINT uq_party_import_rows_tenant_id_import_id_line UNIQUE (tenant_id, import_id, line),
        CONSTRAINT ck_party_import_rows_outcome CHECK (outcome IN ('new', 'changed', 'same', 'rejected')),
        CONSTRAINT ck_party_import_rows_undo CHECK (undo IN ('', 'undone', 'changed_since', 'in_use', 'gone')),
        CONSTRAINT fk_party_import_rows_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
    """,
    """
    CREATE INDEX ix_party_import_rows_outcome ON party_import_rows (tenant_id, import_id, outcome, line)
    """,
]
ACCESS = [
    *tenant_table("parties"),
    *tenant_table("party_identifiers"),
    *tenant_table("party_addresses"),
    *tenant_table("party_endpoints"),
    *tenant_table("party_contacts"),
    # Another account is another row: nobody changes where money goes in one that was released.
    *tenant_table(
        "party_accounts",
        rights="SELECT, INSERT, DELETE, UPDATE (party_id, state, called_number, called_person,"
        " called_on, decided_by, decided_by_name, decided_at, decision_note)",
    ),
    *tenant_table(
        "party_merges", rights="SELECT, INSERT, DELETE, UPDATE (undone_at, undone_by_name)"
    ),
    *tenant_table("party_imports", rights="SELECT, INSERT, UPDATE"),
    *tenant_table("party_import_rows"),
]


def upgrade() -> None:
    run(TABLES)
    run(ACCESS)
