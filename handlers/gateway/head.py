"""The head of a request: its limits, and what ASGI calls its scope."""

from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.errors import AddressTooLong, HeadersTooLarge, PraziumError, ValidationFailed

MAX_HEADERS = 100
MAX_HEAD = 32 * 1024
MAX_TARGET = 16 * 1024
"""Room for the longest path and ref of the contract, with every character as %F0%9F%8C%B1."""

Pairs = list[tuple[bytes, bytes]]


def too_large(target: bytes, headers: Pairs, received: int) -> PraziumError | None:
    """Why a head is refused of which, with what came before and after it, so much was received."""
    if len(target) > MAX_TARGET:
        return AddressTooLong(f"The address is longer than {MAX_TARGET} bytes.")
    if len(headers) > MAX_HEADERS:
        return HeadersTooLarge(f"There are more than {MAX_HEADERS} headers.")
    if received <= MAX_HEAD:
        return None
    size = sum(len(name) + len(value) + 4 for name, value in headers)
    if size + len(target) > MAX_HEAD:
        return HeadersTooLarge(f"The headers are larger than {MAX_HEAD // 1024} KiB.")
    return None


def without_host(hosts: int, version: str) -> PraziumError | None:
    """Why a head with so many hosts is refused: it could be read as another's request.

    Source: RFC 9112, section 3.2.
    """
    if hosts == 1 or (hosts == 0 and version != "1.1"):
        return None
    return ValidationFailed("Send one header Host.")


def scope_of(wire: HttpToolsProtocol, version: str) -> dict[str, Any]:
    """What the application is told of a request (ASGI 3.0, HTTP, version 2.3)."""
    raw_path, query = parted(wire.url)
    path = raw_path.decode("ascii")
    return {
        "type": "http",
        "asgi": {"version": wire.asgi_version, "spec_version": "2.3"},
        "http_version": version,
        "server": wire.server,
        "client": wire.client,
        "scheme": wire.scheme,
        "root_path": "",
        "method": wire.parser.get_method().decode("ascii"),
        "path": unquote(path) if "%" in path else path,
        "raw_path": raw_path,
        "query_string": query,
        "headers": list(wire.headers),  # without the trailers of a chunked body
        "state": wire.app_state.copy(),
    }


def parted(target: bytes) -> tuple[bytes, bytes]:
    """The path and the query of a target (RFC 9112, section 3.2)."""
    if target.startswith(b"/") and b"#" not in target:
        path, _, query = target.partition(b"?")
        return path, query
    url = httptools.parse_url(target)
    return url.path, url.query or b""
