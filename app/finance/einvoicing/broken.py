from collections.abc import Iterator

Found = Iterator[tuple[str, str]]


def broken(*rules: tuple[object, str, str]) -> Found:
    """Field and sentence of each rule that is broken, which its first part says."""
    yield from ((field, sentence) for is_broken, field, sentence in rules if is_broken)
