"""A form on a page of its own: load it, do what it asks, or say in it what is wrong."""

from collections.abc import Callable

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.web.forms import BoundForm
from tenants.core.db import db
from tenants.core.errors import Conflict, CoulisseError, Forbidden, NotFound


def carried_out(form: BoundForm, work: Callable[[], object]) -> bool:
    """False when nothing was written: the form then says why, with what was typed in it."""
    if not form.load():
        return False
    try:
        work()
    except (IntegrityError, StaleDataError):
        _refuse(form, Conflict())
        return False
    except CoulisseError as error:
        if is_plain(error):
            raise
        _refuse(form, error)
        return False
    return True


def is_plain(error: CoulisseError) -> bool:
    """Whether it has nothing to say in a form: there is no such thing, or no right to it."""
    return type(error) in (Forbidden, NotFound) and error.code == type(error).code


def _refuse(form: BoundForm, error: CoulisseError) -> None:
    db.session.rollback()
    form.refuse(error)
