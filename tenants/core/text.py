from collections.abc import Mapping
from typing import Self


class Words(str):
    """A text of ours that carries its own languages; taken as it is, it is the English one."""

    __slots__ = ("languages",)
    languages: Mapping[str, str]

    def __new__(cls, english: str, languages: Mapping[str, str] | None = None) -> Self:
        made = super().__new__(cls, english)
        made.languages = {**(languages or {}), "en": english}
        return made

    @classmethod
    def of(cls, languages: Mapping[str, str]) -> Self:
        return cls(languages["en"], languages)

    def in_language(self, code: str) -> str:
        return self.languages.get(code) or str(self)


class InContext(str):
    """A text of ours with what it is said of: French and German words agree with it."""

    __slots__ = ("context",)
    context: str

    def __new__(cls, context: str, text: str) -> Self:
        made = super().__new__(cls, text)
        made.context = context
        return made


def _c(context: str, text: str) -> InContext:
    """Mark a word for a translation of its own beside this thing, in the singular: ("invoice",
    "Sent") is "envoyée", for a report "envoyé"."""
    return InContext(context, text)


def _m(text: str) -> str:
    """Mark an English source text for translation where it is stored or raised, not shown."""
    return text


def _n(singular: str, plural: str) -> tuple[str, str]:
    """Mark a text with a plural; the web layer picks the form."""
    return singular, plural
