"""Mutants that change nothing anybody could notice, each with the reason."""

PROVIDER_ONLY = "the same table's other policy asks for the provider's side, never administration"
SAME_CONDITION = "the same condition, which asks of no column, has let the row be changed before"
OWN_BEFORE = "only a row that is one's own in a scope with a person or company comes this far"
ASKED_AGAIN = (
    "what the endpoint calls asks for the same right; both left out is a mutant of its own"
)
# Endpoints' mutants that only those notice who take the later questions away as well: those of the
# table of rights, and a place that asks in another way.
ASKED_TWICE = {
    "endpoint: finance.choose_item for request.read instead of payment_control.work": "",
    "endpoint: finance.choose_lines for request.read instead of payment_control.work": "",
    "endpoint: provider.end_everything for desk.use instead of provider.administer": (
        "tenants.services.staff:hold_administrators"
    ),
    "endpoint: provider.invite_administrator as account": "",
    "endpoint: provider.invite_again as account": "",
    "endpoint: provider.invite_again for desk.use instead of provider.administer": "",
    "endpoint: service_requests.new_request for request.read instead of request.raise": "",
    "operation: requests_api.list_notes for everybody instead of note.read": "",
}
EVERY_ROW = "each of its policies lets every row through: column rights say what it may read"
EVERY_LEVEL = "every level of a grant reads notes, and a client's person comes no further than this"
NOWHERE_ELSE = "who is a member of another company is refused by the next condition anyway"
CHANGED_ONLY = (
    "rows are not added in a tenant's scope, and whose they are is no column that changes"
)
EQUIVALENT: dict[str, str] = {
    **{
        f"policy: tenant_schedules.one_tenant WITH CHECK {how}": CHANGED_ONLY
        for how in ("(true)", "with an empty scope as a value")
    },
    "policy: tenant_schedules.not_administration WITH CHECK (true)": SAME_CONDITION,
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
    (
        "function: reset_second_factor line 13: one.tenant_id"
        " = nullif(current_setting('app.tenant_id', true), '')::uuid -> true"
    ): NOWHERE_ELSE,
    "server: coulisse_dispatcher BYPASSRLS": EVERY_ROW,
    "place: app/service_requests/api.py, raise_request: actor.require('request.raise', item.line)": (
        "it comes before the form is read; the service asks again, and a mutant of that is noticed"
    ),
    "place: app/service_requests/api.py, list_notes: current_actor().require('note.read', row.line)": (
        EVERY_LEVEL
    ),
    **dict.fromkeys(ASKED_TWICE, ASKED_AGAIN),
}
