from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.log_level import LogLevel, check_log_level

T = TypeVar("T", bound="LogLine")


@_attrs_define
class LogLine:
    """One line of a job's log.

    Attributes:
        seq (int): Its number; numbers rise. Example: 1.
        attempt (int): The attempt that wrote it. Example: 1.
        level (LogLevel): How serious a line is. Example: info.
        message (str): What the worker wrote. Example: Fetched 48 kB.
        at (datetime.datetime): When, by the clock of the worker. Example: 2026-01-15T11:30:02Z.
    """

    seq: int
    attempt: int
    level: LogLevel
    message: str
    at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        seq = self.seq
        attempt = self.attempt
        level: str = self.level
        message = self.message
        at = self.at.isoformat()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "seq": seq,
            "attempt": attempt,
            "level": level,
            "message": message,
            "at": at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        seq = _fields.pop("seq")
        attempt = _fields.pop("attempt")
        level = check_log_level(_fields.pop("level"))

        message = _fields.pop("message")
        at = datetime.datetime.fromisoformat(_fields.pop("at"))

        _model = cls(
            seq=seq,
            attempt=attempt,
            level=level,
            message=message,
            at=at,
        )
        _model.additional_properties = _fields
        return _model
