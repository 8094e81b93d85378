from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="Answer")


@_attrs_define
class Answer:
    """The answer to one question.

    Attributes:
        question_id (str): A question's id within its project. Example: q1.
        answer (bool | list[str] | str): A text, a choice, a boolean, or the list of choices.
            Example: Email/Password.
    """

    question_id: str
    answer: bool | list[str] | str

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        question_id = self.question_id
        answer: bool | list[str] | str
        if isinstance(self.answer, list):
            answer = self.answer

        else:
            answer = self.answer
        field_dict: dict[str, Any] = {
            "questionId": question_id,
            "answer": answer,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        question_id = _fields.pop("questionId")
        answer = cast("bool | list[str] | str", _fields.pop("answer"))

        _model = cls(
            question_id=question_id,
            answer=answer,
        )
        return _model
