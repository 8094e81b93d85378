from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FeedFrame")


@_attrs_define
class FeedFrame:
    """One frame of the stream of all events.

    Attributes:
        id (None | str): The event's cursor. Example:
            NDAxMi5ldnRfMDFrYjByNnRmN2gybTlrNGQxdjN4OHE1cm4.9Jx0v2c3bQ.
        event (None | str): The event's type. Example: FILE_CREATED.
        data (str): The event as JSON, a TenantEvent. Example:
            {"id":"evt_01kb0r6tf7h2m9k4d1v3x8q5rn"}.
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
