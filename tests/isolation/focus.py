"""The endpoints that a mutation concerns: it tries these alone. No test sets them."""

endpoints: frozenset[str] = frozenset()
