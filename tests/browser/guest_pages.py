"""Where an accountant from outside looks, and where they are looked after."""

ACCOUNTANT = "accountant@lentier.example"
G, P = "/c/lentier/guest", "/c/lentier/people/guests"


def guest_pages(administrator: str) -> dict[str, list[tuple[str, str]]]:
    """By endpoint, as in test_every_page.py."""
    return {
        "people.list_guests": [(administrator, P)],
        "people.new_guest": [(administrator, f"{P}/invite")],
        "people.show_guest": [(administrator, f"{P}/{{guest}}")],
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
        "guests.new_query": [(ACCOUNTANT, f"{G}/ask")],
    }  # fmt: skip
