from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.job_filter import JobFilter

T = TypeVar("T", bound="ChangeJobs")


@_attrs_define
class ChangeJobs:
    """Jobs that are to be changed together.

    Attributes:
        filter_ (JobFilter): Which jobs; all of what is given must fit, and something must be
            given. Example: {'queue': 'default', 'kind': 'thumbnail.make'}.
        limit (int | Unset): At most so many in this call. Default: 10000. Example: 10000.
    """

    filter_: JobFilter
    limit: int | Unset = 10000

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        filter_ = self.filter_.to_dict()
        limit = self.limit
        field_dict: dict[str, Any] = {
            "filter": filter_,
        }
        if limit is not UNSET:
            field_dict["limit"] = limit
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.job_filter import JobFilter

        _fields = dict(src_dict)
        filter_ = JobFilter.from_dict(_fields.pop("filter"))

        limit = _fields.pop("limit", UNSET)
        _model = cls(
            filter_=filter_,
            limit=limit,
        )
        return _model
