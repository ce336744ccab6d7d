"""What a contract can speak of."""

from collections.abc import Mapping

from app.catalogue.item import CatalogueItem
from app.catalogue.lines import LINES
from app.catalogue.memory import ITEMS, get_item
from app.contracts.cut_offs import CutOff

PRIORITIES = ("urgent", "high", "normal", "low")
OfferedItem = CatalogueItem


def offered_items() -> Mapping[str, OfferedItem]:
    return ITEMS


def offered_lines() -> Mapping[str, str]:
    """Those without items are left out."""
    found = {item.line for item in ITEMS.values()}
    return {code: title for code, title in LINES.items() if code in found}


def usual_cut_off(item: str) -> CutOff | None:
    found = ITEMS.get(item)
    return CutOff(*found.cut_off) if found and found.cut_off else None


def working_days(item: str, version: int | None = None) -> int:
    """In the version that a request was raised by, else in the one that holds now."""
    if item not in ITEMS:
        return 2
    return (ITEMS[item] if version is None else get_item(item, version)).working_days
