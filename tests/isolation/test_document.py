"""docs/access.md is what is declared."""

from typing import Any

from sqlalchemy import Engine

from tests.isolation import access


def test_the_document_is_what_is_declared(app: Any, superuser: Engine) -> None:
    with superuser.connect() as connection:
        said = access.document(app, connection)
    assert access.FILE.read_text() == said, "python -m tests.isolation.access writes it anew"
