"""Compiled schemas of customers, kept by the hash of what was compiled."""

import hashlib
from collections import OrderedDict

import msgspec

from services import json_schemas
from services.json_schemas import Checker
from services.schemas import Json

MOST = 256


class Compiled:
    """Checkers by hash, those that were used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Checker] = OrderedDict()

    def get(self, found: str) -> Checker | None:
        """The checker with this hash, if it is here."""
        if found in self._kept:
            self._kept.move_to_end(found)
        return self._kept.get(found)

    def put(self, found: str, schema: Json, at: str = "") -> Checker:
        """The checker of a schema with this hash, compiled unless it is here.

        Raises: ValidationFailed at the pointer `at` if the schema cannot be used.
        """
        checker = self.get(found)
        if checker is None:
            checker = self._kept[found] = json_schemas.compiled(schema, at)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return checker


def hash_of(schema: Json) -> str:
    """SHA-256 over the schema; the order of names does not count."""
    return hashlib.sha256(msgspec.json.encode(schema, order="sorted")).hexdigest()
