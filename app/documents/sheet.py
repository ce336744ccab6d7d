"""The list of documents as a table for spreadsheets."""

from collections.abc import Callable, Sequence

from app.documents.kinds import KINDS
from app.documents.plan import Branch
from app.documents.queries import Listed
from app.documents.words import OUTCOMES
from app.spreadsheets.writing import Sheet
from tenants.core.text import _m

HEADINGS = (
    _m("Number"), _m("Title"), _m("Kind"), _m("Date"), _m("Language"), _m("Folder"), _m("File"),
    _m("Size in bytes"), _m("SHA-256"), _m("Version"), _m("Check"), _m("Kept until"),
    _m("Legal hold"),
)  # fmt: skip


def documents_sheet(
    rows: Sequence[Listed], tree: Sequence[Branch], say: Callable[[str], str]
) -> Sheet:
    paths = {one.id: one.path for one in tree}
    return Sheet(
        code="documents",
        name=say(_m("Documents")),
        headings=[say(one) for one in HEADINGS],
        rows=[
            (
                row.document.number, row.document.title, say(KINDS[row.document.kind].name),
                row.document.dated, row.document.language, paths.get(row.document.folder_id, ""),
                row.name, row.size, row.sha256, row.document.latest,
                say(OUTCOMES[row.outcome][0]) if row.outcome else "", row.document.keep_until,
                say(_m("yes")) if row.document.held else "",
            )
            for row in rows
        ],
    )  # fmt: skip
