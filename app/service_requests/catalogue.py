"""The catalogue's item of a request, in the version that holds for it."""

from typing import Protocol

from app.catalogue.item import CatalogueItem
from app.catalogue.memory import get_item


class HasItem(Protocol):
    @property
    def item(self) -> str: ...
    @property
    def item_version(self) -> int: ...


def item_of(request: HasItem) -> CatalogueItem:
    return get_item(request.item, request.item_version)
