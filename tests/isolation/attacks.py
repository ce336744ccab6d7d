"""docs/isolation.md: the attacks that the suite tries, and the tests that try each.

`python -m tests.isolation.attacks` writes it; a test keeps both equal and every name alive.
"""

from tests.isolation.mutation.running import ROOT

FILE = ROOT / "docs" / "isolation.md"
MATRIX, API, RAW = (f"isolation/test_{n}.py" for n in ("access_matrix", "api_matrix", "raw_sql"))
BETWEEN, FUNCTIONS = "isolation/test_between.py", "isolation/test_functions.py"
# What is attacked, and `file::test`, or `file` for all of it; nothing where the product has no such
# thing yet.
ATTACKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("every route and method with another company's ids", (
        f"{MATRIX}::test_matrix", f"{MATRIX}::test_ids_of_another_company_are_missing_ids",
        f"{API}::test_ids_of_another_company_are_missing_ids")),
    ("ids in body, query, header, nested", (
        f"{API}::test_an_open_item_of_another_company_is_an_unknown_one",
        f"{BETWEEN}::test_the_clients_address_decides_and_no_header")),
    ("bulk with mixed ids", ()),
    ("mass assignment of tenant, role, client", (
        f"{BETWEEN}::test_fields_that_no_form_has_change_nothing",
        "people/test_people_page.py::test_no_form_carries_more_than_it_shows")),
    ("host, header, cookie and path against the session's company", (
        f"{BETWEEN}::test_the_clients_address_decides_and_no_header",
        f"{BETWEEN}::test_a_person_of_two_companies_is_each_separately")),
    ("a session after removal, departure or a changed role", (
        f"{BETWEEN}::test_an_open_page_is_closed_at_once",
        f"{BETWEEN}::test_a_changed_role_counts_with_the_next_click", FUNCTIONS)),
    ("tokens of another company, of less scope, of who left", (
        API, "api/test_tokens.py::test_a_token_dies_with_its_holders_access")),
    ("generated requests against the API's document", (
        "api/test_schemathesis.py::test_the_api_keeps_to_its_document",)),
    ("search, filters and palette", (
        f"{BETWEEN}::test_a_search_for_the_others_words_finds_nothing",
        "desk/test_queue.py::test_the_palette_finds_clients")),
    ("counts, totals and pages", (
        f"{BETWEEN}::test_figures_do_not_move_with_the_other_companys_work",
        "isolation/test_page_links.py")),
    ("downloads and their links", (
        f"{BETWEEN}::test_an_open_page_is_closed_at_once", "isolation/test_walk.py")),
    ("paths of files, equal bytes in two companies", (
        f"{BETWEEN}::test_the_same_bytes_tell_nothing_of_each_other",
        "service_requests/test_access.py::test_files_are_attachments_in_a_sandbox")),
    ("caches, ETag, ranges", (f"{BETWEEN}::test_no_cache_mixes_people",
                              "isolation/test_headers.py")),
    ("parts of pages that poll", (f"{BETWEEN}::test_an_open_page_is_closed_at_once",
                                  f"{MATRIX}::test_matrix")),
    ("events from Stripe: forged, another customer's", (
        "billing/flow/test_webhooks.py",
        "isolation/test_links_and_mails.py::test_a_stripe_customer_is_one_clients")),
    ("messages to a company's programs: another's events, words, addresses inside", (
        "webhooks/test_delivering.py::test_only_what_was_chosen_goes_out_and_only_to_the_company_itself",
        "webhooks/test_delivering.py::test_a_requests_life_is_told_by_facts_and_never_by_words",
        "webhooks/test_sending.py")),
    ("mail that comes in: forged, looping, answers of another company or person", (
        "mail_in/test_trust.py", "mail_in/test_quarantine.py",
        "mail_in/test_lmtp.py::test_each_company_gets_its_own_and_each_once")),
    ("guests of a company: other lines, other pages, over time, elsewhere", (
        "isolation/test_guests.py", "people/test_guests.py",
        "guests/test_pages.py::test_evidence_without_what_it_costs")),
    ("invitations, resets and other links", (
        "auth/test_links.py",
        "isolation/test_links_and_mails.py::test_a_link_is_for_its_person_once_and_for_a_time")),
    ("assertions of a company's own sign-in", ()),
    ("jobs without company, tampered, another's", ("workers/test_envelope.py",)),
    ("requests of two companies interleaved on one connection", (
        "isolation/test_interleaved.py",)),
    ("raw SQL as each role on every table", (
        RAW, "isolation/test_raw_people.py", "isolation/test_raw_rights.py")),
    ("the rules of tables, read from the catalogue", ("structure/test_tables.py",)),
    ("keys as oracles of existence", (f"{RAW}::test_foreign_keys_are_no_existence_oracle",)),
    ("templates", (
        "structure/test_house_rules.py::test_templates_keep_the_content_security_policy",)),
    ("the audit and mails", (
        f"{RAW}::test_administration_reads_of_the_audit_what_became_of_people",
        "notifications/test_request_events.py::test_another_clients_people_and_words_stand_in_no_mail",
        "isolation/test_links_and_mails.py::test_mails_go_to_whoever_belongs_here")),
    ("imports that carry another company's ids", (
        f"{API}::test_an_open_item_of_another_company_is_an_unknown_one",)),
    ("grants: none, expired, ended, of less level", (
        f"{FUNCTIONS}::test_a_grant_that_ended_or_expired_opens_nothing",
        f"{BETWEEN}::test_an_open_page_is_closed_at_once",
        "isolation/test_administration.py::test_without_a_grant_no_client_page_opens")),
    ("erasure", ()),
)  # fmt: skip
HEAD = """# Attacks on isolation, and the tests that try them

Written by `python -m tests.isolation.attacks`. Two companies of one shape, operators with access to
one, the other, both and none; every text of a company carries a mark that must not show elsewhere.
Who reaches what at all stands in [access.md](access.md).

That these tests see what they claim is proven by taking protections away: `make prove P=mutants`
drops or opens each policy, each table's row security, each right, each condition of a function, each
setting of a scope, each endpoint's declaration, one at a time in a database of its own, and the
tests of `tests/isolation` have to go red each time. What only reads the catalogue doesn't count.

| # | Attack | Tried by |
|---|---|---|
"""


def document() -> str:
    rows = []
    for number, (what, tests) in enumerate(ATTACKS, 1):
        tried = "<br>".join(f"`{test}`" for test in tests) or "nothing to attack yet"
        rows.append(f"| {number} | {what} | {tried} |\n")
    return HEAD + "".join(rows)


def gone() -> list[str]:
    """Names that no test has any more."""
    found = []
    for _, tests in ATTACKS:
        for test in tests:
            file, _, name = test.partition("::")
            path = ROOT / "tests" / file
            if not path.exists() or (name and f"def {name}(" not in path.read_text()):
                found.append(test)
    return found


if __name__ == "__main__":
    FILE.write_text(document())
