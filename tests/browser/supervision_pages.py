"""Pages of supervision and quality, as test_every_page lists them."""


def supervision_pages(supervisor: str, operator: str) -> dict[str, list[tuple[str, str]]]:
    lists = ("open", "load", "approvals", "rework", "credits", "time")
    return {
        "desk.quality": [
            (supervisor, "/desk/quality"), (operator, "/desk/quality?by=line&since=2026-01-01"),
        ],
        "desk.quality_list": [
            (supervisor, "/desk/quality/list?what=findings"),
            (operator, "/desk/quality/list?what=delivered"),
        ],
        "desk.quality_rates": [(supervisor, "/desk/quality/rates")],
        "desk.supervision": [(supervisor, "/desk/supervision")],
        "supervision.overview": [
            (supervisor, "/supervision"), (supervisor, "/supervision?client=lentier"),
        ],
        "supervision.behind": [(supervisor, f"/supervision/list?what={one}") for one in lists],
    }  # fmt: skip
