"""Libraries that few requests need: a process pays for one when it first uses it. Stands where the
import would, with the import itself for type checkers."""

from importlib import import_module
from typing import Any


class Later:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
