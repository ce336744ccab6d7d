from collections.abc import Mapping

from tenants.core.text import _m

# Of the reason only this is written down; colleagues don't read it.
KINDS: Mapping[str, str] = {
    "holiday": _m("Holiday"), "ill": _m("Ill"), "training": _m("Training"), "other": _m("Other"),
}  # fmt: skip
