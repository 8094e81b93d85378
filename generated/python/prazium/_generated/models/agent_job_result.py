from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.model_usage import ModelUsage

T = TypeVar("T", bound="AgentJobResult")


@_attrs_define
class AgentJobResult:
    """The model's answer.

    Attributes:
        text (str): The answer as text. Example: ["red","blue"].
        value (Any): The answer as JSON if there was an `answerSchema`; null otherwise. Example:
            ['red', 'blue'].
        model (str): The model that answered. Example: gpt-4o.
        usage (ModelUsage): What requests to a model used, as far as its endpoint said.
    """

    text: str
    value: Any
    model: str
    usage: ModelUsage
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        text = self.text
        value = self.value
        model = self.model
        usage = self.usage.to_dict()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "text": text,
            "value": value,
            "model": model,
            "usage": usage,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.model_usage import ModelUsage

        _fields = dict(src_dict)
        text = _fields.pop("text")
        value = _fields.pop("value")
        model = _fields.pop("model")
        usage = ModelUsage.from_dict(_fields.pop("usage"))

        _model = cls(
            text=text,
            value=value,
            model=model,
            usage=usage,
        )
        _model.additional_properties = _fields
        return _model
