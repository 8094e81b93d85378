from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.failure import Failure

T = TypeVar("T", bound="TaskRetried")


@_attrs_define
class TaskRetried:
    """A task failed and will be begun again.

    Attributes:
        attempt (int): The attempt that failed. Example: 1.
        error (Failure): Why a run, task or export failed.
    """

    attempt: int
    error: Failure
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        attempt = self.attempt
        error = self.error.to_dict()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "attempt": attempt,
            "error": error,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.failure import Failure

        _fields = dict(src_dict)
        attempt = _fields.pop("attempt")
        error = Failure.from_dict(_fields.pop("error"))

        _model = cls(
            attempt=attempt,
            error=error,
        )
        _model.additional_properties = _fields
        return _model
