from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.question_type import QuestionType, check_question_type

T = TypeVar("T", bound="Question")


@_attrs_define
class Question:
    """What the description leaves open.

    Attributes:
        id (str): A question's id within its project. Example: q1.
        question (str): The question. Example: What authentication method should users use?.
        type_ (QuestionType): How a question is answered. Example: single_choice.
        options (list[str] | None): The choices, for single_choice and multiple_choice. Example:
            ['No sign-in', 'Email/Password'].
    """

    id: str
    question: str
    type_: QuestionType
    options: list[str] | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        question = self.question
        type_: str = self.type_
        options: list[str] | None
        if isinstance(self.options, list):
            options = self.options

        else:
            options = self.options
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "question": question,
            "type": type_,
            "options": options,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        id = _fields.pop("id")
        question = _fields.pop("question")
        type_ = check_question_type(_fields.pop("type"))

        def _parse_options(data: Any) -> list[str] | None:
            if data is None:
                return data
            options_type_0 = cast(list[str], data)

            return options_type_0

        options = _parse_options(_fields.pop("options", None))

        _model = cls(
            id=id,
            question=question,
            type_=type_,
            options=options,
        )
        _model.additional_properties = _fields
        return _model
