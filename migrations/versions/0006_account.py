"""What a client's administrator may know of its people, and second factors that are reset."""

from migrations.sql import definer, run
from tenants.rls import policy

revision = "0006"
down_revision = "0005"

PROVIDER = "00000000-0000-7000-8000-000000000001"
MINE = "nullif(current_setting('app.user_id', true), '')::uuid"
HERE = "nullif(current_setting('app.tenant_id', true), '')::uuid"
ADMINISTERS_HERE = f"""(current_setting('app.side', true) = 'client' AND EXISTS (
    SELECT FROM members me WHERE me.tenant_id = {HERE} AND me.user_id = {MINE}
    AND me.removed_at IS NULL AND me.role = 'client_admin'))"""
PROVIDERS_ADMINISTRATOR = f"""EXISTS (SELECT FROM staff me
        WHERE me.user_id = {MINE} AND me.active AND me.role = 'provider_admin')"""
# Of the provider, at its page of one client.
ADMINISTERS_CLIENT = f"""(current_setting('app.side', true) = 'administration'
    AND {PROVIDERS_ADMINISTRATOR})"""
ADMINISTERS_STAFF = f"""({HERE} = '{PROVIDER}'::uuid
    AND current_setting('app.side', true) = 'provider' AND {PROVIDERS_ADMINISTRATOR})"""
MEMBER_HERE = f"""EXISTS (SELECT FROM members one WHERE one.tenant_id = {HERE}
        AND one.user_id = u.id AND one.removed_at IS NULL)"""
# The person works in no other company and not for the provider.
NOWHERE_ELSE = f"""(
    NOT EXISTS (SELECT FROM members o WHERE o.user_id = u.id AND o.tenant_id <> {HERE}
        AND o.removed_at IS NULL)
    AND NOT EXISTS (SELECT FROM staff s WHERE s.user_id = u.id AND s.active))"""

ACCESS = [
    policy("recovery_codes", "sign_in", "coulisse_signin", "true"),
    "GRANT SELECT, DELETE ON recovery_codes TO coulisse_signin",
    "GRANT UPDATE (used_at) ON user_tokens TO coulisse_signin",
    "GRANT UPDATE (totp_sealed, totp_confirmed_at, totp_last_step) ON users TO coulisse_signin",
]

FUNCTIONS = [
    # Nothing about a person's life in other companies: who is elsewhere too has no last sign-in.
    *definer(
        "member_facts",
        "p_user_ids uuid[]",
        "TABLE (user_id uuid, can_sign_in boolean, has_second_factor boolean,"
        " last_sign_in_at timestamptz, invited_until timestamptz, only_here boolean)",
        f"""
        SELECT u.id, u.password_hash IS NOT NULL, u.totp_confirmed_at IS NOT NULL,
            CASE WHEN here.only THEN (SELECT max(ses.created_at) FROM sign_in_sessions ses
                WHERE ses.user_id = u.id) END,
            (SELECT max(k.expires_at) FROM user_tokens k WHERE k.user_id = u.id
                AND k.purpose = 'invitation' AND k.used_at IS NULL),
            here.only
        FROM members m JOIN users u ON u.id = m.user_id
        CROSS JOIN LATERAL (SELECT {NOWHERE_ELSE} AS only) here
        WHERE m.tenant_id = {HERE} AND m.user_id = ANY (p_user_ids) AND m.removed_at IS NULL
        AND ({ADMINISTERS_HERE} OR {ADMINISTERS_CLIENT})
        """,
        owner="coulisse_signin",
    ),
    *definer(
        "reset_second_factor",
        "p_user_id uuid",
        "TABLE (user_id uuid, email text, display_name text, language text, sessions bigint)",
        f"""
        WITH allowed AS (
            SELECT u.id FROM users u
            WHERE u.id = p_user_id AND u.active AND u.totp_confirmed_at IS NOT NULL
            AND u.id IS DISTINCT FROM {MINE}
            AND ({ADMINISTERS_STAFF} OR ({ADMINISTERS_CLIENT} AND {MEMBER_HERE})
                OR ({ADMINISTERS_HERE} AND {MEMBER_HERE} AND {NOWHERE_ELSE}))
            FOR UPDATE OF u),
        cleared AS (
            UPDATE users u SET totp_sealed = NULL, totp_confirmed_at = NULL, totp_last_step = 0
            FROM allowed WHERE u.id = allowed.id
            RETURNING u.id, u.email, u.display_name, u.language),
        codes AS (
            DELETE FROM recovery_codes r USING allowed WHERE r.user_id = allowed.id),
        ended AS (
            UPDATE sign_in_sessions ses SET ended_at = now()
            FROM allowed WHERE ses.user_id = allowed.id AND ses.ended_at IS NULL
            RETURNING 1)
        SELECT c.id, c.email::text, c.display_name, c.language, (SELECT count(*) FROM ended)
        FROM cleared c
        """,
        owner="coulisse_signin",
    ),
    # Of somebody who was here and now is nowhere.
    *definer(
        "end_invitations",
        "p_user_id uuid",
        "bigint",
        f"""
        WITH ended AS (
            UPDATE user_tokens k SET used_at = now()
            WHERE k.user_id = p_user_id AND k.purpose = 'invitation' AND k.used_at IS NULL
            AND NOT EXISTS (SELECT FROM members m
                WHERE m.user_id = p_user_id AND m.removed_at IS NULL)
            AND NOT EXISTS (SELECT FROM staff s WHERE s.user_id = p_user_id AND s.active)
            AND (
                (({ADMINISTERS_HERE} OR {ADMINISTERS_CLIENT}) AND EXISTS (SELECT FROM members m
                    WHERE m.user_id = p_user_id AND m.tenant_id = {HERE}))
                OR ({ADMINISTERS_STAFF} AND EXISTS (SELECT FROM staff s
                    WHERE s.user_id = p_user_id)))
            RETURNING 1)
        SELECT count(*) FROM ended
        """,
        owner="coulisse_signin",
    ),
]


def upgrade() -> None:
    run(ACCESS)
    run(FUNCTIONS)
