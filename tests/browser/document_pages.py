"""Pages of documents, as test_every_page lists them."""

C = "/c/lentier/documents"


def document_pages(
    client_user: str, client_admin: str, operator: str
) -> dict[str, list[tuple[str, str]]]:
    return {
        "documents.list_documents": [
            (client_user, C), (operator, C), (client_user, f"{C}?q=nothing-like-it"),
        ],
        "documents.new": [(client_user, f"{C}/new"), (operator, f"{C}/new")],
        "documents.show": [(client_admin, f"{C}/{{document}}"), (operator, f"{C}/{{document}}")],
        "slips.slips": [
            (client_admin, f"{C}/{{document}}/versions/1/slips"),
            (operator, f"{C}/{{document}}/versions/2/slips"),
        ],
        "documents.folders": [(client_user, f"{C}/folders")],
        "documents.retention_rules": [
            (client_admin, f"{C}/retention/rules"), (operator, f"{C}/retention/rules"),
        ],
        "documents.retention_page": [(client_admin, f"{C}/retention")],
    }  # fmt: skip
