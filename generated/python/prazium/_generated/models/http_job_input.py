from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.http_method import HttpMethod, check_http_method

if TYPE_CHECKING:
    from ..models.http_job_input_headers_type_0 import HttpJobInputHeadersType0

T = TypeVar("T", bound="HttpJobInput")


@_attrs_define
class HttpJobInput:
    """A call of a public address, by GET unless it says how. Redirects are not followed. The job
    has succeeded if the answer is 2xx; 408, 425, 429, 5xx, a timeout and a lost connection are
    tried again, not before `Retry-After` says so. Every attempt sends the same `Idempotency-
    Key`.

    Attributes:
        url (str): What to call: port 80 or 443, without credentials. Example:
            https://example.com/hooks/paid.
        method (HttpMethod | None): How to call.
        headers (HttpJobInputHeadersType0 | None): Headers to send. Where the job is shown,
            values are hidden unless the name is one that tells no secret, such as `Content-Type`.
            Example: {'Authorization': 'Bearer 3c8a…'}.
        body (None | str): The body as text; instead of `json`. Example: paid=1.
        json (Any): The body as any JSON, sent as application/json; instead of `body`. Example:
            {'paid': True}.
        timeout_seconds (int | None): The longest that a call may take. Example: 30.
    """

    url: str
    method: HttpMethod | None
    headers: HttpJobInputHeadersType0 | None
    body: None | str
    json: Any
    timeout_seconds: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.http_job_input_headers_type_0 import HttpJobInputHeadersType0

        url = self.url
        method: None | str
        if isinstance(self.method, str):
            method = self.method
        else:
            method = self.method
        headers: dict[str, Any] | None
        if isinstance(self.headers, HttpJobInputHeadersType0):
            headers = self.headers.to_dict()
        else:
            headers = self.headers
        body: None | str
        body = self.body
        json = self.json
        timeout_seconds: int | None
        timeout_seconds = self.timeout_seconds
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "url": url,
            "method": method,
            "headers": headers,
            "body": body,
            "json": json,
            "timeoutSeconds": timeout_seconds,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.http_job_input_headers_type_0 import HttpJobInputHeadersType0

        _fields = dict(src_dict)
        url = _fields.pop("url")

        def _parse_method(data: Any) -> HttpMethod | None:
            if data is None:
                return data
            method_type_1 = check_http_method(data)

            return method_type_1

        method = _parse_method(_fields.pop("method", None))

        def _parse_headers(data: Any) -> HttpJobInputHeadersType0 | None:
            if data is None:
                return data
            headers_type_0 = HttpJobInputHeadersType0.from_dict(data)

            return headers_type_0

        headers = _parse_headers(_fields.pop("headers", None))

        body = cast("None | str", _fields.pop("body", None))

        json = _fields.pop("json")
        timeout_seconds = cast("int | None", _fields.pop("timeoutSeconds", None))

        _model = cls(
            url=url,
            method=method,
            headers=headers,
            body=body,
            json=json,
            timeout_seconds=timeout_seconds,
        )
        _model.additional_properties = _fields
        return _model
