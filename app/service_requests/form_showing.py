"""What the client wrote in an item's form, as a person reads it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app.catalogue.parts import FormField
from app.service_requests.catalogue import HasItem, item_of
from app.service_requests.models import ServiceRequest
from app.web import formats
from app.web.i18n import language, text
from tenants.core.text import _m


def form_values(request: ServiceRequest) -> list[tuple[str, Any]]:
    """Under the labels of the form as it was when the request was raised."""
    declared = {one.name: one for one in item_of(request).fields}
    return [
        (text(declared[name].label), shown_value(declared[name], value))
        if name in declared
        else (name, value)
        for name, value in request.form.items()
        if value not in (None, "") and name != "title"
    ]


def slot_label(request: HasItem, slot: str) -> str:
    return next((text(one.label) for one in item_of(request).files if one.name == slot), "")


def shown_value(field: FormField, value: Any) -> Any:
    """What was entered under another kind of field is shown as it is."""
    show = _SHOWN.get(field.kind)
    return show(field, value) if show else value


def _choice(field: FormField, value: Any) -> Any:
    return next((text(label) for key, label in field.choices if key == value), value)


def _yes_no(_field: FormField, value: Any) -> Any:
    if not isinstance(value, bool):
        return value
    return text(_m("Yes")) if value else text(_m("No"))


def _money(field: FormField, value: Any) -> Any:
    whole = isinstance(value, int)
    return formats.money_text(value, field.currency, language()) if whole else value


def _date(_field: FormField, value: Any) -> Any:
    try:
        return formats.date_text(date.fromisoformat(str(value)), language())
    except ValueError:
        return value


_SHOWN: Mapping[str, Callable[[FormField, Any], Any]] = {
    "choice": _choice, "yes_no": _yes_no, "money": _money, "date": _date,
}  # fmt: skip
