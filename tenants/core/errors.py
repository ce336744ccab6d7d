"""One small hierarchy. `code` is stable and for machines; `message` is an English source text with
%(name)s places, translated by whoever shows it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tenants.core.text import _m


class CoulisseError(Exception):
    status: ClassVar[int] = 500
    code: str = "error"
    message: str = _m("Something went wrong on our side. The error has been recorded.")

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        field_errors: Mapping[str, Sequence[str]] | None = None,
        **params: Any,
    ) -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        self.params = params
        self.field_errors = {name: list(texts) for name, texts in (field_errors or {}).items()}
        super().__init__(self.text)

    @property
    def text(self) -> str:
        return self.message % self.params if self.params else self.message


class Unauthorized(CoulisseError):
    status = 401
    code = "sign_in_required"
    message = _m("Please sign in to continue.")


class Forbidden(CoulisseError):
    status = 403
    code = "forbidden"
    message = _m("Your rights in this company do not include this. Ask its administrator.")


class NotFound(CoulisseError):
    """Foreign and missing alike: the answer must not tell which."""

    status = 404
    code = "not_found"
    message = _m("We can't find this page, or you have no access to it.")


class Conflict(CoulisseError):
    status = 409
    code = "conflict"
    message = _m("Somebody changed this in the meantime. Reload and try again.")


class TooLarge(CoulisseError):
    status = 413
    code = "too_large"
    message = _m("This file is too large.")


class Invalid(CoulisseError):
    """Shape only; a broken business rule is a Conflict."""

    status = 422
    code = "invalid"
    message = _m("Please correct the fields marked below.")


class TooMany(CoulisseError):
    status = 429
    code = "too_many_requests"
    message = _m("Too many attempts. Please wait a minute and try again.")


class Unavailable(CoulisseError):
    status = 503
    code = "unavailable"
    message = _m("The service is restarting. Please try again in a few seconds.")
