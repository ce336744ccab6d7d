"""Why an invoice of a sheet isn't made, in the reader's language."""

from typing import Any

from app.documents.templating.markup import Problem
from app.documents.templating.saying import sentence


def said(reason: dict[str, Any]) -> str:
    """Of a company's own text more is kept, see planning.OfTemplate."""
    return sentence(Problem(
        reason["message"], reason.get("line", 0), reason.get("part", ""), reason.get("labels", {}),
        reason["params"],
    ))  # fmt: skip
