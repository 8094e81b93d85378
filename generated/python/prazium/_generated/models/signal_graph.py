from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SignalGraph")


@_attrs_define
class SignalGraph:
    """A signal.

    Attributes:
        name (str): Its name. Example: paid.
        payload (Any | Unset): The result of the wait that it ends. Example: {'amountMsat':
            21000}.
    """

    name: str
    payload: Any | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        name = self.name
        payload = self.payload
        field_dict: dict[str, Any] = {
            "name": name,
        }
        if payload is not UNSET:
            field_dict["payload"] = payload
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        name = _fields.pop("name")
        payload = _fields.pop("payload", UNSET)
        _model = cls(
            name=name,
            payload=payload,
        )
        return _model
