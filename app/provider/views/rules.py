"""Which rule sets files are checked by, since when, and what isn't checked without the missing ones."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.documents.checking.installed import list_installed
from app.documents.checking.packs import INSTALLABLE, packaged
from app.documents.checking.shown import pack_title
from app.documents.checking.wording import WITHOUT
from app.provider.views.blueprint import bp
from tenants.endpoints import provider


@bp.get("/rules")
@provider("provider.administer")
def rules() -> ResponseReturnValue:
    rows = list_installed()
    current = {row.name: row for row in rows if row.removed_at is None}
    own = [(*pack_title(pack.name), pack) for pack in packaged().values()]
    added = [
        (name, title, current.get(name), WITHOUT[name]) for name, (title, _) in INSTALLABLE.items()
    ]
    return render_template(
        "provider/rules.html", own=own, added=added,
        gone=[(pack_title(row.name)[0], row) for row in rows if row.removed_at is not None],
    )  # fmt: skip
