"""docs/access.md is what is declared."""

from typing import Any

from sqlalchemy import Engine

from tests.isolation import access, attacks


def test_the_document_is_what_is_declared(app: Any, superuser: Engine) -> None:
    with superuser.connect() as connection:
        said = access.document(app, connection)
    assert access.FILE.read_text() == said, "python -m tests.isolation.access writes it anew"


def test_every_attack_is_tried_by_tests_that_exist() -> None:
    assert not attacks.gone()
    assert attacks.FILE.read_text() == attacks.document(), "python -m tests.isolation.attacks"
