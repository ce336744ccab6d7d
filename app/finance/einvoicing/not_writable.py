from typing import Any

from tenants.core.errors import CoulisseError
from tenants.core.text import _m


class NotWritable(CoulisseError):
    """`field` is the place in the document, dotted. What a library or a schema says is one of the
    params, as it stands: in English."""

    status = 422
    code = "invoice_not_writable"
    message = _m("This invoice can't be written in this form. What doesn't fit: %(field)s.")

    def __init__(self, field: str, message: str | None = None, **params: Any) -> None:
        self.field = field
        super().__init__(message, field=field, **params)
