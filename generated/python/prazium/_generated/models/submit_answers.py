from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.answer import Answer

T = TypeVar("T", bound="SubmitAnswers")


@_attrs_define
class SubmitAnswers:
    """Answers to the open questions.

    Attributes:
        answers (list[Answer]): At most one answer a question.
    """

    answers: list[Answer]

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        answers = []
        for answers_item_data in self.answers:
            answers_item = answers_item_data.to_dict()
            answers.append(answers_item)

        field_dict: dict[str, Any] = {
            "answers": answers,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.answer import Answer

        _fields = dict(src_dict)
        answers = []
        _answers = _fields.pop("answers")
        for answers_item_data in _answers:
            answers_item = Answer.from_dict(answers_item_data)

            answers.append(answers_item)

        _model = cls(
            answers=answers,
        )
        return _model
