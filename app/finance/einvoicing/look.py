import re
from dataclasses import dataclass

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
    """The letterhead of whoever invoices. `footer` stands at the foot of every page."""

    logo: bytes = b""
    logo_type: str = ""
    colour: str = DEFAULT_COLOUR
    footer: tuple[str, ...] = ()

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
