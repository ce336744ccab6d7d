"""Where the pages of recurring work and of deadlines are looked at, and by whom."""

C = "/c/lentier/recurring"
ITEM = "item=finance_question"
MADE_UP = "first=2026-06-01&last=2026-10-31"


def recurring_pages(
    client: str, operator: str, administrator: str
) -> dict[str, list[tuple[str, str]]]:
    return {
        "recurring.overview": [(client, C), (operator, C), (operator, f"{C}?state=ended")],
        "recurring.new": [
            (operator, f"{C}/new"), (operator, f"{C}/new?{ITEM}&kind=deadline"),
            (operator, f"{C}/new?{ITEM}&kind=month_day"),
        ],
        "recurring.show": [(client, f"{C}/1"), (operator, f"{C}/1")],
        "recurring.edit": [(operator, f"{C}/1/edit")],
        "recurring.preview_backfill": [(operator, f"{C}/1/backfill?{MADE_UP}")],
        "desk.recurring": [(operator, "/desk/recurring"), (operator, "/desk/recurring?month=2026-12")],
        "provider.deadlines": [(administrator, "/provider/deadlines")],
        "provider.deadline": [(administrator, "/provider/deadlines/fr.tva_ca3")],
        "provider.rules": [(administrator, "/provider/rules")],
        "provider.new_deadline": [(administrator, "/provider/new-deadline")],
    }  # fmt: skip
