from tenants.core.errors import CoulisseError
from tenants.core.text import _m


class NotWritable(CoulisseError):
    """`field` is the place in the document, dotted; `detail` what the format's schema says, in English."""

    status = 422
    code = "invoice_not_writable"
    message = _m("This invoice can't be written in this form. What doesn't fit: %(field)s.")

    def __init__(self, field: str, detail: str = "") -> None:
        self.field = field
        self.detail = detail
        super().__init__(field=field, detail=detail)
