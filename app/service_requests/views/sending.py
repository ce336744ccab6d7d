"""A form on a page of its own: guard, load, do what it asks, or say in it what is wrong."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.service_requests.views.acting import check_client, is_plain
from app.web.forms import BoundForm
from tenants.core.db import db
from tenants.core.errors import Conflict, CoulisseError


def carried_out(form: BoundForm, slug: str, work: Callable[[dict[str, Any]], object]) -> bool:
    """False when nothing was written: the form then says why, with what was typed in it."""
    if not form.load():
        return False
    try:
        check_client(slug)
        work(form.data)
    except (IntegrityError, StaleDataError):
        _refuse(form, Conflict())
        return False
    except CoulisseError as error:
        if is_plain(error):
            raise
        _refuse(form, error)
        return False
    return True


def _refuse(form: BoundForm, error: CoulisseError) -> None:
    db.session.rollback()
    form.refuse(error)
