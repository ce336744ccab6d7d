"""Why a row, a cell or a whole file was not taken."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from tenants.core.errors import CoulisseError
from tenants.core.text import _m


@dataclass(frozen=True, slots=True)
class Reason:
    """`message` is an English source text with %-style names, translated when rendered."""

    code: str
    message: str
    params: dict[str, str | int] = field(default_factory=dict)


def reason_json(reason: Reason) -> dict[str, Any]:
    return dataclasses.asdict(reason)


class FileRefused(CoulisseError):
    """The file as a whole can't be taken; nothing was read from it."""

    status = 422
    code = "file_refused"
    message = _m("This file can't be read.")

    @property
    def reason(self) -> Reason:
        return Reason(self.code, self.message, self.params)
