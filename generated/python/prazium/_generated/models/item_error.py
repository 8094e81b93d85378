from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.error_code import ErrorCode, check_error_code

if TYPE_CHECKING:
    from ..models.field_error import FieldError

T = TypeVar("T", bound="ItemError")


@_attrs_define
class ItemError:
    """Why one item of many was refused.

    Attributes:
        code (ErrorCode): What went wrong, for programs. There may be more one day; take an
            unknown one by its status. Example: NOT_FOUND.
        message (str): One sentence, for people. Example: /input/width: must be of type
            integer..
        details (list[FieldError] | None): For VALIDATION_ERROR the fields, from the item on.
    """

    code: ErrorCode
    message: str
    details: list[FieldError] | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        code: str = self.code
        message = self.message
        details: list[dict[str, Any]] | None
        if isinstance(self.details, list):
            details = []
            for details_type_0_item_data in self.details:
                details_type_0_item = details_type_0_item_data.to_dict()
                details.append(details_type_0_item)

        else:
            details = self.details
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "code": code,
            "message": message,
            "details": details,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.field_error import FieldError

        _fields = dict(src_dict)
        code = check_error_code(_fields.pop("code"))

        message = _fields.pop("message")

        def _parse_details(data: Any) -> list[FieldError] | None:
            if data is None:
                return data
            details_type_0 = []
            _details_type_0 = data
            for details_type_0_item_data in _details_type_0:
                details_type_0_item = FieldError.from_dict(details_type_0_item_data)

                details_type_0.append(details_type_0_item)

            return details_type_0

        details = _parse_details(_fields.pop("details", None))

        _model = cls(
            code=code,
            message=message,
            details=details,
        )
        _model.additional_properties = _fields
        return _model
