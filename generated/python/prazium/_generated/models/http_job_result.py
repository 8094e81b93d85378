from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.text_encoding import TextEncoding, check_text_encoding

if TYPE_CHECKING:
    from ..models.http_job_result_headers import HttpJobResultHeaders

T = TypeVar("T", bound="HttpJobResult")


@_attrs_define
class HttpJobResult:
    """The answer to the call.

    Attributes:
        status (int): The status. Example: 200.
        headers (HttpJobResultHeaders): The headers in lower case; those of one name are joined
            by commas. Cookies are hidden. Example: {'content-type': 'application/json'}.
        body (str): The first 256 KiB of the body. Example: {"ok":true}.
        body_encoding (TextEncoding): How bytes are written as text; what is no UTF-8 text is
            Base64. Example: utf-8.
        truncated (bool): Whether the body was longer. Example: False.
        duration_ms (int): How long the call took. Example: 120.
    """

    status: int
    headers: HttpJobResultHeaders
    body: str
    body_encoding: TextEncoding
    truncated: bool
    duration_ms: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        status = self.status
        headers = self.headers.to_dict()
        body = self.body
        body_encoding: str = self.body_encoding
        truncated = self.truncated
        duration_ms = self.duration_ms
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "status": status,
            "headers": headers,
            "body": body,
            "bodyEncoding": body_encoding,
            "truncated": truncated,
            "durationMs": duration_ms,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.http_job_result_headers import HttpJobResultHeaders

        _fields = dict(src_dict)
        status = _fields.pop("status")
        headers = HttpJobResultHeaders.from_dict(_fields.pop("headers"))

        body = _fields.pop("body")
        body_encoding = check_text_encoding(_fields.pop("bodyEncoding"))

        truncated = _fields.pop("truncated")
        duration_ms = _fields.pop("durationMs")
        _model = cls(
            status=status,
            headers=headers,
            body=body,
            body_encoding=body_encoding,
            truncated=truncated,
            duration_ms=duration_ms,
        )
        _model.additional_properties = _fields
        return _model
