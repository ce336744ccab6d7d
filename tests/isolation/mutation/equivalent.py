"""Mutants that change nothing anybody could notice, each with the reason."""

PROVIDER_ONLY = "the same table's other policy asks for the provider's side, never administration"
SAME_CONDITION = "the same condition, which asks of no column, has let the row be changed before"
OWN_BEFORE = "only a row that is one's own in a scope with a person or company comes this far"
EQUIVALENT: dict[str, str] = {
    **{
        f"policy: {table}.not_administration {how}": PROVIDER_ONLY
        for table in ("internal_notes", "reviews")
        for how in ("dropped", "USING (true)", "WITH CHECK (true)")
    },
    **{
        f"policy: staff.changed WITH CHECK {how}": SAME_CONDITION
        for how in (
            "(true)",
            (
                "without ((NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid"
                " = '00000000-0000-7000-8000-000000000001'::uuid)"
            ),
            "without (current_setting('app.side'::text, true) = 'provider'::text)",
            "with an empty scope as a value",
        )
    },
    **{
        f"policy: {name} WITH CHECK with an empty scope as a value": OWN_BEFORE
        for name in ("users.own_change", "user_tokens.own_use", "webhook_inbox.own_change")
    },
}
