from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ModelUsage")


@_attrs_define
class ModelUsage:
    """What requests to a model used, as far as its endpoint said.

    Attributes:
        requests (int): Requests to the model. Example: 1.
        input_tokens (int): Tokens read. Example: 24.
        output_tokens (int): Tokens written. Example: 8.
    """

    requests: int
    input_tokens: int
    output_tokens: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        requests = self.requests
        input_tokens = self.input_tokens
        output_tokens = self.output_tokens
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "requests": requests,
            "inputTokens": input_tokens,
            "outputTokens": output_tokens,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        requests = _fields.pop("requests")
        input_tokens = _fields.pop("inputTokens")
        output_tokens = _fields.pop("outputTokens")
        _model = cls(
            requests=requests,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
        )
        _model.additional_properties = _fields
        return _model
