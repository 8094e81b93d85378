"""Pages of lists."""

from typing import Any, Generic, TypeVar

import msgspec

from db.pool import Transaction
from db.queries import Query
from generated.models import Pagination

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some items, and where they stand in the whole list."""

    items: list[T]
    pagination: Pagination


async def page_of(
    tx: Transaction,
    list_query: Query,
    count_query: Query,
    struct: type[T],
    page: int,
    page_size: int,
    **filters: Any,
) -> Page[T]:
    """One page of a query that takes `limit` and `offset`, counted by its twin."""
    offset = (page - 1) * page_size
    items = await tx.all(list_query, struct, limit=page_size, offset=offset, **filters)
    total = await tx.value(count_query, **filters)
    pages = -(-total // page_size)
    return Page(items, Pagination(page=page, page_size=page_size, total=total, total_pages=pages))
