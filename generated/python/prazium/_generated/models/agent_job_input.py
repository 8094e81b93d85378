from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.agent_job_input_answer_schema_type_0 import AgentJobInputAnswerSchemaType0

T = TypeVar("T", bound="AgentJobInput")


@_attrs_define
class AgentJobInput:
    """A question to the model of the installation.

    Attributes:
        prompt (str): What to answer. Example: Which of these words are colours? red tree blue.
        system (None | str): How to answer. Example: You are brief..
        answer_schema (AgentJobInputAnswerSchemaType0 | None): The JSON Schema (draft 2020-12)
            that the answer must match; it refers to nothing outside itself. Without one the answer
            is text. Example: {'type': 'array', 'items': {'type': 'string'}}.
        max_output_tokens (int | None): The longest answer. Example: 1000.
    """

    prompt: str
    system: None | str
    answer_schema: AgentJobInputAnswerSchemaType0 | None
    max_output_tokens: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.agent_job_input_answer_schema_type_0 import AgentJobInputAnswerSchemaType0

        prompt = self.prompt
        system: None | str
        system = self.system
        answer_schema: dict[str, Any] | None
        if isinstance(self.answer_schema, AgentJobInputAnswerSchemaType0):
            answer_schema = self.answer_schema.to_dict()
        else:
            answer_schema = self.answer_schema
        max_output_tokens: int | None
        max_output_tokens = self.max_output_tokens
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "prompt": prompt,
            "system": system,
            "answerSchema": answer_schema,
            "maxOutputTokens": max_output_tokens,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.agent_job_input_answer_schema_type_0 import AgentJobInputAnswerSchemaType0

        _fields = dict(src_dict)
        prompt = _fields.pop("prompt")
        system = cast("None | str", _fields.pop("system", None))

        def _parse_answer_schema(data: Any) -> AgentJobInputAnswerSchemaType0 | None:
            if data is None:
                return data
            answer_schema_type_0 = AgentJobInputAnswerSchemaType0.from_dict(data)

            return answer_schema_type_0

        answer_schema = _parse_answer_schema(_fields.pop("answerSchema", None))

        max_output_tokens = cast("int | None", _fields.pop("maxOutputTokens", None))

        _model = cls(
            prompt=prompt,
            system=system,
            answer_schema=answer_schema,
            max_output_tokens=max_output_tokens,
        )
        _model.additional_properties = _fields
        return _model
