"""What a person writes into the form of any item of the catalogue."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import NullPool, create_engine

from app.catalogue import memory
from app.catalogue.item import CatalogueItem
from app.catalogue.parts import FormField
from app.catalogue.shipping import ship
from dev.engines import Urls
from tests.factories.people import Company, now
from tests.factories.stage import Stage

EXAMPLES: dict[str, str] = {
    "month": "2026-10", "money": "1234.50", "email": "someone@example.com",
    "phone": "+33 1 23 45 67 89", "iban": "DE89370400440532013000", "vat_id": "FR40303265045",
    "yes_no": "1",
}  # fmt: skip


def example_of(field: FormField, company: Company) -> str:
    if field.kind in ("text", "long_text"):
        return company.text("Words")[: field.most or 200]
    if field.kind == "number":
        return str(field.least or 1)
    if field.kind == "date":
        # A step may wait for the day: it has come.
        return (now() - timedelta(days=3)).date().isoformat()
    if field.kind == "choice":
        return field.choices[0][0]
    return EXAMPLES[field.kind]


def filled(item: CatalogueItem, company: Company) -> dict[str, Any]:
    """Every field and every file of the form, as a browser sends them."""
    values: dict[str, Any] = {one.name: example_of(one, company) for one in item.fields}
    files = {one.name: a_file(one.accept, one.name) for one in item.files}
    return {"client": company.slug, **values, **files}


def a_file(accept: str, name: str) -> tuple[io.BytesIO, str]:
    ending = accept.split(",")[0] or ".pdf"
    return io.BytesIO(b"content of " + name.encode()), f"{name}{ending}"


def install(urls: Urls, documents: Mapping[str, Any]) -> list[str]:
    """As the installation of a new version does; what it said."""
    engine = create_engine(urls.owner, poolclass=NullPool)
    with engine.begin() as connection:
        said = ship(connection, now=datetime(2026, 11, 2, 9, tzinfo=UTC), documents=documents)
    engine.dispose()
    memory.forget()
    return said


def empty_catalogue(stage: Stage) -> None:
    """Other tests read it from its files."""
    for table in ("catalogue_items", "catalogue_versions"):
        stage.run(f"DELETE FROM {table}")
    memory.forget()
    memory._versions.clear()
