"""A form on a page of its own that names the client for whom it was made."""

from collections.abc import Callable
from typing import Any

from app.web import submitting
from app.web.forms import BoundForm
from app.web.other_client import check_client


def carried_out(form: BoundForm, slug: str, work: Callable[[dict[str, Any]], object]) -> bool:
    def checked() -> None:
        check_client(slug)
        work(form.data)

    return submitting.carried_out(form, checked)
