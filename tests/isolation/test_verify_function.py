"""What a stranger is told who holds a file or its code: that of the one company whose it is."""

from __future__ import annotations

import hashlib
from typing import Any

from app.documents.verifying.codes import new_code
from tenants.scoping import NOBODY
from tests.documents.issuing import issue

VERIFY = "SELECT * FROM verify_document(:hash, :code)"


def test_it_answers_the_exact_file_or_code_and_nothing_else(
    stage: Any, world: Any, ask: Any
) -> None:
    codes, contents = {}, {}
    for company, operator in ((world.a, world.operator_a), (world.b, world.operator_b)):
        codes[company.slug], contents[company.slug] = new_code(), company.text("file").encode()
        issue(stage, company, operator, contents[company.slug], code=codes[company.slug])
        issue(stage, company, operator, company.text("without code").encode())
    for company in world.companies:
        hashed = hashlib.sha256(contents[company.slug]).hexdigest()
        for found in (
            ask(NOBODY, VERIFY, hash=hashed, code=""),
            ask(NOBODY, VERIFY, hash="", code=codes[company.slug]),
            ask(
                world.other(company).user.scope(world.other(company)), VERIFY, hash=hashed, code=""
            ),
        ):
            [row] = found
            assert row["company"] == company.name
            assert set(row) == {
                "issued_at", "kind", "version", "latest", "replaced_at", "company", "provider",
            }  # fmt: skip
    assert ask(NOBODY, VERIFY, hash="", code="") == []
    assert ask(NOBODY, VERIFY, hash=None, code=None) == []
    assert ask(NOBODY, VERIFY, hash="0" * 64, code=new_code()) == []


def test_what_is_deleted_uploaded_or_unnamed(stage: Any, world: Any, ask: Any) -> None:
    content = world.a.text("file").encode()
    hashed = hashlib.sha256(content).hexdigest()
    document = issue(stage, world.a, world.operator_a, content)
    stage.run(
        "INSERT INTO letterheads (tenant_id, colour, font, sender, footer, named, version,"
        " changed_at, changed_by_name) VALUES (:t, '#112233', 'inter', '[]', '[]', false, 1, now(),"
        " 'x')", t=world.a.id,
    )  # fmt: skip
    [row] = ask(NOBODY, VERIFY, hash=hashed, code="")
    assert row["company"] == ""
    for change, back in (
        ("documents SET title = '', deleted_at = now() WHERE id = :d",
         "documents SET title = 'x', deleted_at = NULL WHERE id = :d"),
        ("document_versions SET origin = 'uploaded' WHERE document_id = :d",
         "document_versions SET origin = 'issued' WHERE document_id = :d"),
    ):  # fmt: skip
        stage.run(f"UPDATE {change}", d=document)
        assert ask(NOBODY, VERIFY, hash=hashed, code="") == []
        stage.run(f"UPDATE {back}", d=document)
    assert ask(NOBODY, VERIFY, hash=hashed, code="")
