from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="EventFrame")


@_attrs_define
class EventFrame:
    """One frame of the stream.

    Attributes:
        id (None | str): The event's number. Example: 12.
        event (None | str): The event's type. Example: FILE_CREATED.
        data (str): The payload with the task's id, as JSON. Example:
            {"taskId":"task_01kb0r6sd3fznb5w0c4y8kt1qe","path":"src/app/layout.tsx"}.
    """

    id: None | str
    event: None | str
    data: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id: None | str
        id = self.id
        event: None | str
        event = self.event
        data = self.data
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "event": event,
            "data": data,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        id = cast("None | str", _fields.pop("id", None))

        event = cast("None | str", _fields.pop("event", None))

        data = _fields.pop("data")
        _model = cls(
            id=id,
            event=event,
            data=data,
        )
        _model.additional_properties = _fields
        return _model
