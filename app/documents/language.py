"""Texts of documents in the recipient's language, outside of any web request."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from tenants.core.text import Words

FOLDER = Path(__file__).parents[1] / "translations"


@lru_cache(maxsize=8)
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(str(FOLDER), [language])


def translator(language: str) -> Callable[[str], str]:
    catalogue = _catalogue(language)

    def translate(message: str) -> str:
        if isinstance(message, Words):
            return message.in_language(language)
        return str(catalogue.gettext(message)) if message else ""

    return translate
