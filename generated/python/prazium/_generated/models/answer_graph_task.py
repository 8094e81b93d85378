from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="AnswerGraphTask")


@_attrs_define
class AnswerGraphTask:
    """An answer.

    Attributes:
        answer (Any): What is answered, any JSON. Example: {'approved': True}.
    """

    answer: Any

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        answer = self.answer
        field_dict: dict[str, Any] = {
            "answer": answer,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        answer = _fields.pop("answer")
        _model = cls(
            answer=answer,
        )
        return _model
