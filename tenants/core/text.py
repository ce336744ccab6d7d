def _m(text: str) -> str:
    """Mark an English source text for translation where it is stored or raised, not shown."""
    return text


def _n(singular: str, plural: str) -> tuple[str, str]:
    """Mark a text with a plural; the web layer picks the form."""
    return singular, plural
