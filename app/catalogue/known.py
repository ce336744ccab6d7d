from typing import Any

from marshmallow import validate

from app.catalogue.memory import ITEMS


class KnownItem(validate.OneOf):
    """An item's code, of those that there are when it is asked."""

    def __init__(self) -> None:
        # The base class would read the whole catalogue while modules are imported.
        self.labels, self.labels_text, self.error = [], "", self.default_message

    @property
    def choices(self) -> Any:
        return list(ITEMS)

    @choices.setter
    def choices(self, _given: Any) -> None: ...

    @property
    def choices_text(self) -> str:
        return ", ".join(self.choices)

    @choices_text.setter
    def choices_text(self, _given: str) -> None: ...
