"""One frame for every mail: HTML and plain text from the same words."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app

from app.web.branding import DEFAULT_COLOUR, ink_on
from app.web.i18n import language
from tenants.services.invitations import Mail


@dataclass(frozen=True, slots=True)
class Company:
    """Whose mail it is, for readers who work for several clients."""

    name: str
    code: str
    colour: str = DEFAULT_COLOUR

    @property
    def ink(self) -> str:
        return ink_on(self.colour)


@dataclass(frozen=True, slots=True)
class Letter:
    """The texts are in the reader's language already. `facts` are (label, value) pairs, `why` says
    why somebody gets this mail, `preferences` is where it can be switched off, `answer` what a
    reply to it does."""

    name: str
    subject: str
    title: str
    paragraphs: Sequence[str]
    action: str
    link: str
    company: Company | None = None
    facts: Sequence[tuple[str, str]] = ()
    after: Sequence[str] = ()
    why: str = ""
    preferences: str = ""
    answer: str = ""


def compose(letter: Letter) -> Mail:
    """In the language that is set; without a web request too, so the page's frame stays out."""
    find = current_app.jinja_env.get_template
    values = {"letter": letter, "language": language()}
    return Mail(
        # A company's name may hold a line break; a header may not.
        subject=" ".join(letter.subject.split()),
        text=find("notifications/mail.txt").render(values).strip() + "\n",
        html=find("notifications/mail.html").render(values),
    )
