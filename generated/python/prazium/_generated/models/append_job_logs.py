from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.new_log_line import NewLogLine

T = TypeVar("T", bound="AppendJobLogs")


@_attrs_define
class AppendJobLogs:
    """Lines for a job's log.

    Attributes:
        lease_token (int): Proves the right to work on a job; it grows with every claim.
            Example: 1.
        lines (list[NewLogLine]): The lines in order.
    """

    lease_token: int
    lines: list[NewLogLine]

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        lease_token = self.lease_token
        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        field_dict: dict[str, Any] = {
            "leaseToken": lease_token,
            "lines": lines,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.new_log_line import NewLogLine

        _fields = dict(src_dict)
        lease_token = _fields.pop("leaseToken")
        lines = []
        _lines = _fields.pop("lines")
        for lines_item_data in _lines:
            lines_item = NewLogLine.from_dict(lines_item_data)

            lines.append(lines_item)

        _model = cls(
            lease_token=lease_token,
            lines=lines,
        )
        return _model
