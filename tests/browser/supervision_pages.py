"""Supervision's pages, as test_every_page lists them."""


def supervision_pages(supervisor: str) -> dict[str, list[tuple[str, str]]]:
    lists = ("open", "load", "approvals", "rework", "credits", "time")
    return {
        "desk.supervision": [(supervisor, "/desk/supervision")],
        "supervision.overview": [
            (supervisor, "/supervision"), (supervisor, "/supervision?client=lentier"),
        ],
        "supervision.behind": [(supervisor, f"/supervision/list?what={one}") for one in lists],
    }  # fmt: skip
