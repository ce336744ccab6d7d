import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tenants.core.errors import TooLarge
from tenants.core.text import _m

DEFAULT_COLOUR = "#1f6f6b"
MAX_LOGO = 500_000
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_KINDS = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}


class LogoTooLarge(TooLarge):
    code = "logo_too_large"
    message = _m("The logo has more than 500 kB. Take a smaller picture.")


@dataclass(frozen=True, kw_only=True)
class Look:
    """The letterhead of whoever invoices. `footer` stands at the foot of every page; `words` are its
    own texts, as app/documents/templating/filling.py makes them; `code` is what the public page at
    `verify_address` asks for."""

    logo: bytes = b""
    logo_type: str = ""
    colour: str = DEFAULT_COLOUR
    footer: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    verify_address: str = ""

    def __post_init__(self) -> None:
        if len(self.logo) > MAX_LOGO:
            raise LogoTooLarge

    @property
    def safe_colour(self) -> str:
        return self.colour if _COLOUR.fullmatch(self.colour) else DEFAULT_COLOUR

    @property
    def logo_kind(self) -> str:
        """Empty when there is none, or none that can be printed."""
        return _KINDS.get(self.logo_type, "") if self.logo else ""
