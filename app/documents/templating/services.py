"""Setting a letterhead, writing templates. Whoever may is asked here; what can't be printed or has
an unknown field never becomes a template."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.documents.printing.glyphs import unprintable_in
from app.documents.printing.letterheads import Letterhead, Logo, Sheet
from app.documents.printing.logos import LogoRefused, drawn_anew
from app.documents.printing.strict import NotPrintable, TypesettingFailed, TypesettingStopped
from app.documents.templating.built_in import built_in
from app.documents.templating.fields import sample_values
from app.documents.templating.filling import Wording, fill, problems_of
from app.documents.templating.markup import Problem
from app.documents.templating.models import (
    DocumentTemplate,
    DocumentTemplateVersion,
    LetterheadRow,
)
from app.documents.templating.queries import find_letterhead_row, get_template
from app.web.branding import contrast
from tenants import audit, files
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant

PAPER, READABLE = "#ffffff", 4.5
MOST_LINES, LONGEST_LINE = 6, 120
MANAGE = "template.manage"


class TemplateChanged(Conflict):
    code = "template_changed"
    message = _m(
        "Somebody else changed this since you opened it. Look at what it says now, then save again; "
        "your text is kept."
    )


class TemplateNameTaken(Conflict):
    code = "template_name_taken"
    message = _m("There is a template of this name already. Choose another one.")

    def __init__(self) -> None:
        super().__init__(field_errors={"name": [self.message]})


class WordingRefused(Invalid):
    """`problems` name the lines."""

    code = "template_refused"
    message = _m("The text can't be used as it is. What is wrong stands beside it.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


def set_letterhead(
    *,
    colour: str,
    font: str,
    sender: Sequence[str],
    footer: Sequence[str],
    logo: bytes | None,
    drop_logo: bool,
    named: bool,
    expected_version: int,
    actor: Actor,
    now: datetime,
) -> LetterheadRow:
    """`logo` is the new one, None keeps what is there."""
    actor.require(MANAGE)
    _check_colour(colour)
    _check_lines("sender", sender)
    _check_lines("footer", footer)
    row = find_letterhead_row(for_change=True)
    if (row.version if row else 0) != expected_version:
        raise TemplateChanged
    kept = _kept(logo, actor, now) if logo is not None else None
    if row is None:
        row = LetterheadRow(id=uuid7(), version=0)
        db.session.add(row)
    if drop_logo:
        row.logo_kind, row.logo_file_id = "", None
    if kept is not None:
        row.logo_kind, row.logo_file_id = kept
    row.colour, row.font, row.named = colour, font, named
    row.sender, row.footer = list(sender), list(footer)
    row.version, row.changed_at, row.changed_by_name = row.version + 1, now, actor.name
    db.session.flush()
    audit.record(
        "documents.letterhead.set", actor=actor, now=now, object_type="letterhead",
        object_id=row.id, version=row.version,
    )  # fmt: skip
    return row


def create_template(
    *, kind: str, language: str, name: str, wording: Wording, actor: Actor, now: datetime
) -> DocumentTemplate:
    actor.require(MANAGE)
    _check_wording(wording)
    row = DocumentTemplate(id=uuid7(), kind=kind, language=language, name=name, version=0)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise TemplateNameTaken from error
    _write(row, wording, actor=actor, now=now)
    return row


def write_template(
    *,
    template_id: UUID,
    name: str,
    wording: Wording,
    expected_version: int,
    actor: Actor,
    now: datetime,
) -> DocumentTemplate:
    """What it said before stays among its versions; letters that were begun keep theirs."""
    actor.require(MANAGE)
    row = get_template(template_id=template_id, for_change=True)
    if row.version != expected_version:
        raise TemplateChanged
    _check_wording(wording)
    row.name = name
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise TemplateNameTaken from error
    _write(row, wording, actor=actor, now=now)
    return row


def archive_template(*, template_id: UUID, actor: Actor, now: datetime) -> DocumentTemplate:
    """It is offered no more; a second time brings it back."""
    actor.require(MANAGE)
    row = get_template(template_id=template_id, for_change=True)
    row.archived_at = None if row.archived_at else now
    db.session.flush()
    audit.record(
        "documents.template.archived" if row.archived_at else "documents.template.restored",
        actor=actor, now=now, object_type="template", object_id=row.id,
    )  # fmt: skip
    return row


def _write(row: DocumentTemplate, wording: Wording, *, actor: Actor, now: datetime) -> None:
    row.version += 1
    db.session.flush()
    db.session.add(
        DocumentTemplateVersion(
            id=uuid7(), template_id=row.id, version=row.version, subject=wording.subject,
            body=wording.body, closing=wording.closing, at=now, by_id=actor.user_id,
            by_name=actor.name,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(
        "documents.template.written", actor=actor, now=now, object_type="template",
        object_id=row.id, version=row.version, kind=row.kind, language=row.language,
    )  # fmt: skip


def _check_wording(wording: Wording) -> None:
    if problems := problems_of(wording):
        raise WordingRefused(problems)


def _check_colour(colour: str) -> None:
    found = contrast(colour, PAPER)
    if found < READABLE:
        said = _m(
            "This colour is too pale to be read on paper (contrast %(contrast)s, at least 4.5). "
            "Take a darker one."
        )
        shown = f"{found:.1f}"
        raise Invalid(said, code="colour_too_pale", contrast=shown)


def _check_lines(field: str, lines: Sequence[str]) -> None:
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        raise Invalid(field_errors={field: [_m("6 lines at most, 120 characters each.")]})
    for number, line in enumerate(lines, start=1):
        for found in unprintable_in(line, f"{field} {number}"):
            raise NotPrintable(found)


def _kept(logo: bytes, actor: Actor, now: datetime) -> tuple[str, UUID]:
    kind, content = _drawn(logo, now)
    media_type = "image/svg+xml" if kind == "svg" else "image/png"
    stored = files.save(
        name=f"logo.{kind}", content_type=media_type, content=content, actor=actor, now=now
    )
    return kind, stored.id


def _drawn(logo: bytes, now: datetime) -> tuple[str, bytes]:
    """One that can't be drawn is refused here, not on the first letter."""
    kind, content = drawn_anew(logo)
    company = get_tenant()
    head = Letterhead(company.name, logo=Logo(kind, content, company.name))
    filled = fill(built_in("cover", "en"), sample_values("cover", "en"))
    try:
        Sheet("cover", filled.data, head, "en", now).pdf()
    except (TypesettingFailed, TypesettingStopped) as error:
        raise LogoRefused("complicated") from error
    return kind, content
