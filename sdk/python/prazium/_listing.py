"""Pages of a list."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from .models import CursorPagination, Pagination

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Listing(Protocol[T_co]):
    """A page as the service answers it."""

    @property
    def data(self) -> Sequence[T_co]: ...

    @property
    def pagination(self) -> Pagination: ...


class Section(Protocol[T_co]):
    """A part of a list that is too long to be counted, as the service answers it."""

    @property
    def data(self) -> Sequence[T_co]: ...

    @property
    def pagination(self) -> CursorPagination: ...


@frozen
class Page(Generic[T]):
    """One page of a list, and where it stands in the whole."""

    items: Sequence[T]
    pagination: Pagination

    @classmethod
    def of(cls, listing: Listing[T]) -> "Page[T]":
        """The page in an answer."""
        return cls(listing.data, listing.pagination)
