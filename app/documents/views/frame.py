"""What every page of documents shows and hears."""

import mimetypes
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import FileStorage

from app.auth.current import current_actor, current_identity
from app.auth.identity import TenantContext
from app.catalogue.lines import LINES
from app.documents import queries
from app.documents.kinds import KINDS
from app.documents.plan import Branch, make_tree
from app.documents.schemas import LANGUAGE_NAMES
from app.documents.services.uploading import Sent
from app.web.i18n import text


def current_client() -> TenantContext:
    identity = current_identity()
    assert identity is not None
    assert identity.tenant is not None
    return identity.tenant


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    actor = current_actor()
    shown = render_template(
        f"documents/{template}.html", client=current_client(), actor=actor, kinds=KINDS,
        lines=LINES, languages=LANGUAGE_NAMES, provider=actor.side == "provider",
        done=request.args.get("done", ""), **values,
    )  # fmt: skip
    return make_response(shown, status)


def tree(*, counted: bool = False) -> list[Branch]:
    counts = queries.count_by_folder(actor=current_actor()) if counted else {}
    return make_tree(queries.list_folders(), counts, text)


def folder_choices(branches: list[Branch]) -> list[tuple[str, str]]:
    return [(str(one.id), one.path) for one in branches]


def kind_choices(*, of_request: bool) -> list[tuple[str, str]]:
    """Those that this person may file, by their names; what belongs to a request follows its line,
    but for the kinds that stay with their own."""
    actor = current_actor()
    own = [
        one for one in KINDS.values()
        if actor.can("document.file", one.line) or (of_request and not one.own_line)
    ]  # fmt: skip
    return [(one.code, text(one.name)) for one in own]


def sent_files(*names: str) -> list[Sent]:
    found = [one for name in names for one in request.files.getlist(name) if one and one.filename]
    return [_read(one) for one in found]


def own_request(number: str) -> UUID | None:
    """The request that an address or a form names; None where it names none."""
    if not (number.isascii() and number.isdecimal()):
        return None
    return queries.get_own_request(actor=current_actor(), number=int(number[:12]))


def uuid_or_none(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _read(sent: FileStorage) -> Sent:
    name = sent.filename or ""
    return Sent(name, mimetypes.guess_type(name)[0] or "application/octet-stream", sent.read())
