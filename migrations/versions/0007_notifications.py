"""What people want to be told by mail, and where the mails go."""

from migrations.sql import definer, run

revision = "0007"
down_revision = "0006"

PROVIDER = "00000000-0000-7000-8000-000000000001"
HERE = "nullif(current_setting('app.tenant_id', true), '')::uuid"


def upgrade() -> None:
    run(["ALTER TABLE users ADD COLUMN muted_notices TEXT[] DEFAULT '{}' NOT NULL"])
    run(
        definer(
            "mail_recipients",
            "p_user_ids uuid[]",
            "TABLE (user_id uuid, name text, email text, language text, time_zone text,"
            " muted text[])",
            # The client's own people, whoever of the provider ever had a grant here (they are told
            # of its end too), and in the provider's own scope everybody: their own account's mails.
            # Jobs ask, on the provider's side; a client's people don't read operators' addresses.
            f"""
            SELECT u.id, coalesce(m.display_name, s.display_name, u.display_name), u.email::text,
                u.language, u.time_zone, u.muted_notices
            FROM users u
            LEFT JOIN members m
                ON m.tenant_id = {HERE} AND m.user_id = u.id AND m.removed_at IS NULL
            LEFT JOIN staff s ON s.user_id = u.id AND s.active
            WHERE u.id = ANY (p_user_ids) AND u.active
            AND current_setting('app.side', true) = 'provider' AND (
                m.id IS NOT NULL
                OR (s.user_id IS NOT NULL AND EXISTS (
                    SELECT FROM grants g WHERE g.tenant_id = {HERE} AND g.user_id = u.id))
                OR {HERE} = '{PROVIDER}'::uuid)
            ORDER BY u.id
            """,
            owner="coulisse_signin",
        )
    )
