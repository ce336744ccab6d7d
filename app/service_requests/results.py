"""Which of the item's results a file can be attached as."""

from collections.abc import Sequence
from typing import Any

from app.service_requests.catalogue import item_of
from app.service_requests.models import ServiceRequest
from app.web.forms import BoundForm
from app.web.i18n import text
from tenants.core.text import _m


def offer_results(form: BoundForm, request: ServiceRequest, current: Sequence[Any]) -> None:
    """The first required one that is missing stands chosen. Results of a work of the product's own
    are made by it alone."""
    item, there = item_of(request), {row.kind for row in current}
    named = {one.needs for one in item.steps if one.kind == "attach"} - {""}
    results = [] if item.job else item.results
    form["kind"].choices = [
        *((one.code, _name(text(one.label), one.accept)) for one in results),
        ("", text(_m("Another file"))),
    ]
    if not form.submitted:
        missing = (one.code for one in results if one.code in named and one.code not in there)
        form["kind"].value = next(missing, "")


def _name(label: str, accept: str) -> str:
    return f"{label} ({accept.replace(',', ', ')})" if accept else label
