"""Every item of the catalogue, from the client's form to the confirmed result, over HTTP."""

from __future__ import annotations

from functools import cache

import pytest

from app.catalogue.building import build
from app.catalogue.files import shipped
from app.catalogue.item import CatalogueItem
from tenants.models import SERVICE_LINES
from tests.catalogue.working import Office, make_office, raise_work_deliver
from tests.factories import Stage

ITEMS = [build(document, document["version"]) for document in shipped().values()]


@pytest.fixture(scope="module")
def office_in(stage: Stage):
    """A company in this country with its people: one for all items."""
    return cache(lambda country: make_office(stage, country))


def test_each_line_has_three_items_at_least_and_one_for_everything_else() -> None:
    for line in SERVICE_LINES:
        codes = {item.code for item in ITEMS if item.line == line}
        assert f"{line}_question" in codes
        assert len(codes) >= 3, line


@pytest.mark.parametrize("item", ITEMS, ids=[item.code for item in ITEMS])
def test_it_is_raised_worked_and_delivered(item: CatalogueItem, stage, sign_in_as, office_in):
    office: Office = office_in(item.countries[0] if item.countries else "FR")
    raise_work_deliver(item, office, stage, sign_in_as)
