from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.wait_for import WaitFor, check_wait_for
from ..types import UNSET, Unset

T = TypeVar("T", bound="GraphWait")


@_attrs_define
class GraphWait:
    """A task that no worker does; it ends with a time, a signal or an answer.

    Attributes:
        for_ (WaitFor): What ends a wait. Example: answer.
        name (str | Unset): The name of the signal. Example: paid.
        seconds (float | Unset): How long; for a signal or an answer at most so long. Example:
            86400.
        until (datetime.datetime | Unset): Until when, instead of `seconds`; at most ten years
            ahead. Example: 2036-01-15T12:00:00Z.
        answerers (list[str] | Unset): The ids of the keys that may answer, valid ones of the
            tenant; without it, any key with the scope.
        otherwise (Any | Unset): The result if nothing came in time; without it the task fails
            then. Example: {'approved': False}.
        question (str | Unset): What is asked. Example: Shall we go on?.
    """

    for_: WaitFor
    name: str | Unset = UNSET
    seconds: float | Unset = UNSET
    until: datetime.datetime | Unset = UNSET
    answerers: list[str] | Unset = UNSET
    otherwise: Any | Unset = UNSET
    question: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        for_: str = self.for_
        name = self.name
        seconds = self.seconds
        until: str | Unset = UNSET
        if not isinstance(self.until, Unset):
            until = self.until.isoformat()
        answerers: list[str] | Unset = UNSET
        if not isinstance(self.answerers, Unset):
            answerers = self.answerers

        otherwise = self.otherwise
        question = self.question
        field_dict: dict[str, Any] = {
            "for": for_,
        }
        if name is not UNSET:
            field_dict["name"] = name
        if seconds is not UNSET:
            field_dict["seconds"] = seconds
        if until is not UNSET:
            field_dict["until"] = until
        if answerers is not UNSET:
            field_dict["answerers"] = answerers
        if otherwise is not UNSET:
            field_dict["otherwise"] = otherwise
        if question is not UNSET:
            field_dict["question"] = question
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        for_ = check_wait_for(_fields.pop("for"))

        name = _fields.pop("name", UNSET)
        seconds = _fields.pop("seconds", UNSET)
        _until = _fields.pop("until", UNSET)
        until: datetime.datetime | Unset
        if isinstance(_until, Unset):
            until = UNSET
        else:
            until = datetime.datetime.fromisoformat(_until)

        answerers = cast(list[str], _fields.pop("answerers", UNSET))

        otherwise = _fields.pop("otherwise", UNSET)
        question = _fields.pop("question", UNSET)
        _model = cls(
            for_=for_,
            name=name,
            seconds=seconds,
            until=until,
            answerers=answerers,
            otherwise=otherwise,
            question=question,
        )
        return _model
