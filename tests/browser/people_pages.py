"""Where a company's people and its guests are looked after, and where an accountant looks."""

ACCOUNTANT = "accountant@lentier.example"
P, G = "/c/lentier/people", "/c/lentier/guest"


def people_pages(administrator: str) -> dict[str, list[tuple[str, str]]]:
    """By endpoint, as in test_every_page.py."""
    return {
        "people.list_people": [(administrator, P), (administrator, f"{P}?q=nothing-like-it")],
        "people.new_member": [(administrator, f"{P}/invite")],
        "people.show_member": [
            (administrator, f"{P}/{{member}}"), (administrator, f"{P}/{{admin}}"),
        ],
        "people.confirm_removal": [(administrator, f"{P}/{{member}}/remove")],
        "people.provider_access": [(administrator, f"{P}/provider")],
        "people.confirm_end": [(administrator, f"{P}/provider/{{grant}}/end")],
        "people.list_guests": [(administrator, f"{P}/guests")],
        "people.new_guest": [(administrator, f"{P}/guests/invite")],
        "people.show_guest": [(administrator, f"{P}/guests/{{guest}}")],
        "guests.home": [(ACCOUNTANT, G), (ACCOUNTANT, f"{G}?q=nothing-like-it")],
        "guests.show": [
            (ACCOUNTANT, f"{G}/requests/{{control}}"), (ACCOUNTANT, f"{G}/requests/{{asked}}"),
        ],
        "guests.evidence": [(ACCOUNTANT, f"{G}/requests/{{control}}/evidence")],
        "guests.month": [
            (ACCOUNTANT, f"{G}/service-levels"),
            (ACCOUNTANT,
             f"{G}/service-levels?month={{month}}&line=finance&clock=resolution#list"),
        ],
        "guests.documents": [
            (ACCOUNTANT, f"{G}/documents"), (ACCOUNTANT, f"{G}/documents?q=nothing-like-it"),
        ],
        "guests.document": [(ACCOUNTANT, f"{G}/documents/{{document}}")],
        "guests.new_query": [(ACCOUNTANT, f"{G}/ask")],
    }  # fmt: skip
