"""The head of a request: its limits, and what ASGI calls its scope."""

import functools
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.errors import AddressTooLong, HeadersTooLarge, PraziumError

MAX_HEADERS = 100
MAX_HEAD = 32 * 1024
MAX_TARGET = 16 * 1024
"""Room for the longest path and ref of the contract, with every character as %F0%9F%8C%B1."""

WHOLE_SERVER = b"*"
"""The target of OPTIONS about no path (RFC 9110, section 9.3.7)."""
FRAMING = frozenset({b"expect", b"host", b"transfer-encoding"})
"""Headers by which a request is read; their values are kept in lower case."""
EXPECTS = (b"expect", b"100-continue")
HOST = re.compile(rb"([\w.~!$&'()*+,;=%-]+|\[[0-9a-f:.]+\])(:\d*)?|", re.ASCII)
"""Source: RFC 9110, section 7.2; it is empty where the target has no authority."""

Pair = tuple[bytes, bytes]
Pairs = tuple[Pair, ...]


def too_large(target: bytes, headers: list[Pair], received: int) -> PraziumError | None:
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


@functools.lru_cache(maxsize=256)
def misread(framing: Pairs, version: str) -> str | None:
    """Why a head is refused that another program on the way could read differently.

    Source: RFC 9112, sections 2.3, 3.2 and 6.1.
    """
    if version not in ("1.0", "1.1"):
        return "Speak HTTP/1.1."
    hosts = [value for name, value in framing if name == b"host"]
    if len(hosts) != 1 and (hosts or version == "1.1"):
        return "Send one header Host."
    if hosts and not HOST.fullmatch(hosts[0]):
        return "The header Host is no name with or without a port."
    codings = [value for name, value in framing if name == b"transfer-encoding"]
    return None if codings in ([], [b"chunked"]) else "The one Transfer-Encoding is chunked."


def without_upgrade(method: bytes, target: bytes, version: str, headers: Iterable[Pair]) -> bytes:
    """A head as it came, but without the wish for another protocol."""
    kept = [b"%b: %b\r\n" % pair for pair in headers if pair[0] != b"upgrade"]
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, target, version.encode(), b"".join(kept))


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
    if target == WHOLE_SERVER:
        return target, b""
    url = httptools.parse_url(target)
    return url.path or b"/", url.query or b""
