"""client.kinds"""

from collections.abc import Mapping
from typing import Any

from .._calls import given
from .._generated.api.kinds import delete_kind, get_kind, list_kinds, register_kind
from .._generated.models import JsonSchema
from ..models import Kind, RegisterKind
from .resource import AsyncPages, AsyncResource


class AsyncKinds(AsyncResource):
    """What jobs can be of: the built-in kinds, and those of your own workers."""

    async def register(
        self,
        kind: str,
        *,
        description: str,
        input_schema: Mapping[str, Any],
        result_schema: Mapping[str, Any] | None = None,
    ) -> Kind:
        """Say what a kind is and what its input looks like, or say it anew.

        Raises: ValidationError for a schema that is none, ForbiddenError for a built-in kind.
        """
        result = None if result_schema is None else JsonSchema.from_dict(result_schema)
        body = RegisterKind(
            description=description,
            input_schema=JsonSchema.from_dict(input_schema),
            result_schema=given(result),
        )
        return await self._data(register_kind.call(kind, body=body))

    def list(self, *, page_size: int = 20) -> AsyncPages[Kind]:
        """The kinds by name, built-in ones included."""
        return self._pages(lambda page: list_kinds.call(page=page, page_size=page_size))

    async def get(self, kind: str) -> Kind:
        """What the kind is, and what its input looks like."""
        return await self._data(get_kind.call(kind))

    async def delete(self, kind: str) -> Kind:
        """Let no job of this kind be created any more; those that wait stay."""
        return await self._data(delete_kind.call(kind))
