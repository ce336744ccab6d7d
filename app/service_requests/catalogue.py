"""The catalogue's item of a request, in the version that holds for it."""

from typing import Protocol

from app.catalogue.item import CatalogueItem
from app.catalogue.lines import LEVEL_ICONS, LEVELS, LINES
from app.catalogue.memory import ITEMS, get_item

__all__ = ["ITEMS", "LEVELS", "LEVEL_ICONS", "LINES", "CatalogueItem", "get_item", "item_of"]


class HasItem(Protocol):
    @property
    def item(self) -> str: ...
    @property
    def item_version(self) -> int: ...


def item_of(request: HasItem) -> CatalogueItem:
    return get_item(request.item, request.item_version)
