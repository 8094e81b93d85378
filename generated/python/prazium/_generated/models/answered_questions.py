from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.answered_question import AnsweredQuestion

T = TypeVar("T", bound="AnsweredQuestions")


@_attrs_define
class AnsweredQuestions:
    """The questions of a project with their answers.

    Attributes:
        questions (list[AnsweredQuestion]): The most decisive first.
    """

    questions: list[AnsweredQuestion]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        questions = []
        for questions_item_data in self.questions:
            questions_item = questions_item_data.to_dict()
            questions.append(questions_item)

        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "questions": questions,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.answered_question import AnsweredQuestion

        _fields = dict(src_dict)
        questions = []
        _questions = _fields.pop("questions")
        for questions_item_data in _questions:
            questions_item = AnsweredQuestion.from_dict(questions_item_data)

            questions.append(questions_item)

        _model = cls(
            questions=questions,
        )
        _model.additional_properties = _fields
        return _model
