from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="StateConflict")


@_attrs_define
class StateConflict:
    """Why the present state forbids the request.

    Attributes:
        current_state (str): The state it is in. Example: approved.
        allowed_states (list[str] | None): The states in which the request is possible. Example:
            ['spec_review'].
        id (None | str): What is in the way. Example: run_01kb0r6sc2e6ha4z8m3x7jv9wd.
    """

    current_state: str
    allowed_states: list[str] | None
    id: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        current_state = self.current_state
        allowed_states: list[str] | None
        if isinstance(self.allowed_states, list):
            allowed_states = self.allowed_states

        else:
            allowed_states = self.allowed_states
        id: None | str
        id = self.id
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "currentState": current_state,
            "allowedStates": allowed_states,
            "id": id,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        current_state = _fields.pop("currentState")

        def _parse_allowed_states(data: Any) -> list[str] | None:
            if data is None:
                return data
            allowed_states_type_0 = cast(list[str], data)

            return allowed_states_type_0

        allowed_states = _parse_allowed_states(_fields.pop("allowedStates", None))

        id = cast("None | str", _fields.pop("id", None))

        _model = cls(
            current_state=current_state,
            allowed_states=allowed_states,
            id=id,
        )
        _model.additional_properties = _fields
        return _model
