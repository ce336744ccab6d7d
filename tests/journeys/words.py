"""What a button is called in a language: from the translations and the items of the catalogue, so that a better word breaks no test."""

from functools import cache

from app.catalogue.files import shipped
from dev import translations
from tests.journeys.system import PROJECT


@cache
def _catalogue(language: str) -> dict[str, str]:
    file = translations.po_file(PROJECT, language)
    items = {
        document[part]["en"]: document[part][language]
        for document in shipped().values()
        for part in ("title", "summary")
    }
    return items | {
        message.id: str(message.string)
        for message in translations.read(file, language)
        # A word that is another one beside some nouns has a context there.
        if message.id and isinstance(message.id, str) and message.string and not message.context
    }


def said(language: str, source: str, **values: object) -> str:
    found = source if language == "en" else _catalogue(language).get(source, source)
    return found % values if values else found


def fr(source: str, **values: object) -> str:
    return said("fr", source, **values)
