from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.created_job import CreatedJob
    from ..models.item_error import ItemError

T = TypeVar("T", bound="CreatedItem")


@_attrs_define
class CreatedItem:
    """What became of one job of many.

    Attributes:
        index (int): Its place in the request, from 0. Example: 0.
        job (CreatedJob | None): The job; null if it was refused.
        error (ItemError | None): Why it was refused; null if it was not.
    """

    index: int
    job: CreatedJob | None
    error: ItemError | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.created_job import CreatedJob
        from ..models.item_error import ItemError

        index = self.index
        job: dict[str, Any] | None
        if isinstance(self.job, CreatedJob):
            job = self.job.to_dict()
        else:
            job = self.job
        error: dict[str, Any] | None
        if isinstance(self.error, ItemError):
            error = self.error.to_dict()
        else:
            error = self.error
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "index": index,
            "job": job,
            "error": error,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.created_job import CreatedJob
        from ..models.item_error import ItemError

        _fields = dict(src_dict)
        index = _fields.pop("index")

        def _parse_job(data: Any) -> CreatedJob | None:
            if data is None:
                return data
            job_type_1 = CreatedJob.from_dict(data)

            return job_type_1

        job = _parse_job(_fields.pop("job", None))

        def _parse_error(data: Any) -> ItemError | None:
            if data is None:
                return data
            error_type_1 = ItemError.from_dict(data)

            return error_type_1

        error = _parse_error(_fields.pop("error", None))

        _model = cls(
            index=index,
            job=job,
            error=error,
        )
        _model.additional_properties = _fields
        return _model
