from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.error_code import ErrorCode, check_error_code

if TYPE_CHECKING:
    from ..models.field_error import FieldError
    from ..models.state_conflict import StateConflict

T = TypeVar("T", bound="Error")


@_attrs_define
class Error:
    """A failure, for people and for programs.

    Attributes:
        code (ErrorCode): What went wrong, for programs. There may be more one day; take an
            unknown one by its status. Example: NOT_FOUND.
        message (str): One sentence, for people. Example: There is no such project..
        details (list[FieldError] | None | StateConflict): For VALIDATION_ERROR the fields, for
            CONFLICT the state.
        request_id (str): Names this request, also in the logs. Example:
            req_01kb0r5v8wf5qtx1c9ht2kq6mz.
    """

    code: ErrorCode
    message: str
    details: list[FieldError] | None | StateConflict
    request_id: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.state_conflict import StateConflict

        code: str = self.code
        message = self.message
        details: dict[str, Any] | list[dict[str, Any]] | None
        if isinstance(self.details, list):
            details = []
            for details_type_0_item_data in self.details:
                details_type_0_item = details_type_0_item_data.to_dict()
                details.append(details_type_0_item)

        elif isinstance(self.details, StateConflict):
            details = self.details.to_dict()
        else:
            details = self.details
        request_id = self.request_id
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "code": code,
            "message": message,
            "details": details,
            "requestId": request_id,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        code = check_error_code(_fields.pop("code"))

        message = _fields.pop("message")
        details = cast("list[FieldError] | None | StateConflict", _fields.pop("details", None))

        request_id = _fields.pop("requestId")
        _model = cls(
            code=code,
            message=message,
            details=details,
            request_id=request_id,
        )
        _model.additional_properties = _fields
        return _model
