from typing import Any

from marshmallow import validate

from app.catalogue.memory import ITEMS


class KnownItem(validate.OneOf):
    """An item's code, of those that there are when it is asked."""

    def __init__(self) -> None:
        super().__init__(())

    @property
    def choices(self) -> Any:
        return list(ITEMS)

    @choices.setter
    def choices(self, _given: Any) -> None:
        """The base class sets what it was made with."""
