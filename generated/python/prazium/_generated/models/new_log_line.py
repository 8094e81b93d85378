from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.log_level import LogLevel, check_log_level
from ..types import UNSET, Unset

T = TypeVar("T", bound="NewLogLine")


@_attrs_define
class NewLogLine:
    """A line for a job's log.

    Attributes:
        message (str): What is to be remembered. Example: Fetched 48 kB.
        level (LogLevel | Unset): How serious a line is. Example: info.
        at (datetime.datetime | Unset): When, by the clock of the worker; now if it does not
            say. Example: 2026-01-15T11:30:02Z.
    """

    message: str
    level: LogLevel | Unset = UNSET
    at: datetime.datetime | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        message = self.message
        level: str | Unset = UNSET
        if not isinstance(self.level, Unset):
            level = self.level

        at: str | Unset = UNSET
        if not isinstance(self.at, Unset):
            at = self.at.isoformat()
        field_dict: dict[str, Any] = {
            "message": message,
        }
        if level is not UNSET:
            field_dict["level"] = level
        if at is not UNSET:
            field_dict["at"] = at
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        message = _fields.pop("message")
        _level = _fields.pop("level", UNSET)
        level: LogLevel | Unset
        if isinstance(_level, Unset):
            level = UNSET
        else:
            level = check_log_level(_level)

        _at = _fields.pop("at", UNSET)
        at: datetime.datetime | Unset
        if isinstance(_at, Unset):
            at = UNSET
        else:
            at = datetime.datetime.fromisoformat(_at)

        _model = cls(
            message=message,
            level=level,
            at=at,
        )
        return _model
