"""Where documents lie."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.documents.filing_plan import PLAN
from app.documents.kinds import KINDS
from app.documents.models import DocumentFolder
from app.documents.queries import find_folder, list_folders
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.queries import scoped_tenant_id


def folder_of_kind(kind: str) -> UUID:
    """The plan is laid when its first document comes, and what somebody took away comes back with
    the next one that belongs there."""
    code = KINDS[kind].folder
    found = find_folder(code=code)
    if found is None:
        lay_plan()
        found = find_folder(code=code)
    assert found is not None
    return found.id


def lay_plan() -> None:
    """Folders of the plan that aren't there; two who do so at once lay one plan."""
    for level in (1, 2):
        there = {one.code: one.id for one in list_folders() if one.code}
        rows = [
            {"tenant_id": scoped_tenant_id(), "id": uuid7(), "code": one.code, "position": place,
             "level": level, "parent_id": there[one.below] if one.below else None}
            for place, one in enumerate(PLAN)
            if bool(one.below) == (level == 2) and one.code not in there
        ]  # fmt: skip
        if rows:
            db.session.execute(
                insert(DocumentFolder)
                .values(rows)
                .on_conflict_do_nothing(
                    index_elements=["tenant_id", "code"], index_where=DocumentFolder.code != ""
                )
            )
