"""Where letterhead, templates and letters are looked at, and by whom."""

C = "/c/lentier"


def letter_pages(admin: str, operator: str) -> dict[str, list[tuple[str, str]]]:
    return {
        "templates.list_all": [(admin, f"{C}/templates"), (operator, f"{C}/templates")],
        "templates.letterhead": [(admin, f"{C}/templates/letterhead")],
        "templates.new": [(admin, f"{C}/templates/new?kind=letter&language=fr")],
        "templates.show": [(admin, f"{C}/templates/{{template}}")],
        "letters.list_all": [(operator, f"{C}/requests/{{asked}}/letters")],
        "letters.show": [(operator, f"{C}/requests/{{asked}}/letters/{{letter}}")],
    }
