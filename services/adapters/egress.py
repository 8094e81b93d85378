"""Calls to addresses that a customer chose: only what is public, whatever a name resolves to.

A name is resolved once; every address of the answer is checked, and the connection goes to one of
these very addresses. No redirect is followed and no proxy is asked.
"""

import asyncio
import contextlib
import ipaddress
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any

import msgspec
from yarl import URL

from services.settings import WEB_PORTS, Networks

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from aiohttp.abc import ResolveResult

MAX_URL = 2000
MAX_REQUEST_BYTES = 10 * 1024 * 1024
_LOOKUPS_AT_ONCE = 128
_CHUNK_BYTES = 65536
OWN_HEADERS = frozenset(
    {
        *("connection", "content-length", "expect", "host", "http2-settings", "keep-alive"),
        *("proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding"),
        "upgrade",
    }
)
"""What belongs to the connection, in lower case: a request that brings one of these is refused."""

_PRIVATE_NAME = re.compile(r"(?:^|\.)(?:localhost|internal|local)\.*$", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\\]")

_CLOSED_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # public by its number, but Azure's host answers there
    )
]
"""Source: IANA IPv4 Special-Purpose Address Registry."""

_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
"""All else is loopback, local, multicast, reserved, or IPv4 written as IPv6 (mapped, NAT64)."""

_CLOSED_V6 = [
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocols, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
]
"""Source: IANA IPv6 Special-Purpose Address Registry."""

Lookup = Callable[..., list[Any]]
"""As `socket.getaddrinfo`: blocking, and called in a thread."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a server answered; `body` is its beginning if it is `truncated`."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    truncated: bool


class EgressError(Exception):
    """The call did not come to an answer; the message is shown to the customer."""


class Refused(EgressError):
    """The address is none that may be called."""


class Unreachable(EgressError):
    """The server cannot be reached, or its answer is no HTTP."""


class TooSlow(EgressError):
    """The answer was not complete in time."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the internet at large."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _CLOSED_V6)


def checked_url(url: str, allow: Networks) -> URL:
    """The URL, if it may be called as far as can be told before its name is resolved.

    Raises: Refused.
    """
    if len(url) > MAX_URL or _UNPRINTABLE.search(url):
        raise Refused("The URL is too long or has characters that no URL has.")
    try:
        parsed = URL(url)
        scheme, host, port = parsed.scheme, parsed.host, parsed.port
    except ValueError as error:
        raise Refused("This is no URL.") from error
    if scheme not in ("http", "https") or not host:
        raise Refused("The URL does not begin with http:// or https:// and a host.")
    if parsed.raw_user is not None or parsed.raw_password is not None:
        raise Refused("The URL holds credentials; send them in a header.")
    _check_place(host, port or 0, allow)
    return parsed


def _check_place(host: str, port: int, allow: Networks) -> None:
    """Raises: Refused for a port, a name or a literal address that cannot be reached anyhow."""
    if port not in WEB_PORTS and not allow.has_port(port):
        raise Refused("Only the ports 80 and 443 may be called.")
    if _PRIVATE_NAME.search(host) and not allow:
        raise Refused("The host is a name of an inner network.")
    with contextlib.suppress(ValueError):
        _check_address(ipaddress.ip_address(host), port, allow, inner=False)


def _check_address(
    address: IPv4Address | IPv6Address, port: int, allow: Networks, *, inner: bool
) -> None:
    """Raises: Refused. An address behind an `inner` name must be allowed, public or not."""
    if (address, port) in allow:
        return
    if inner or port not in WEB_PORTS or not is_public(address):
        raise Refused("The host leads to a network that may not be called.")


def _checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers to send; the answer comes uncompressed unless they ask for something else.

    Raises: Refused for a header that is ours to set.
    """
    names = {name.lower() for name in headers}
    if own := sorted(OWN_HEADERS & names):
        raise Refused(f"The header {own[0]} cannot be set.")
    uncompressed = {} if "accept-encoding" in names else {"Accept-Encoding": "identity"}
    return {**uncompressed, **headers}


@contextlib.contextmanager
def _told(timeout_s: float) -> Iterator[None]:
    """What went wrong on the way, in words that name no address.

    Raises: Refused, Unreachable, TooSlow.
    """
    import aiohttp

    try:
        yield
    except TimeoutError as error:
        raise TooSlow(f"There was no whole answer within {timeout_s:g} s.") from error
    except (aiohttp.InvalidURL, ValueError) as error:
        raise Refused("The URL or a header is not valid.") from error
    except aiohttp.ClientConnectorDNSError as error:
        raise Unreachable("The host has no address.") from error
    except aiohttp.ClientSSLError as error:
        raise Unreachable("There is no trusted TLS connection to the server.") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unreachable("The server cannot be reached, or broke off.") from error


class Egress:
    """The way out of this process: one session, whose connections serve one request each.

    No connection, cookie or credential is left for the next one, which may be another tenant's.
    """

    def __init__(self, allow: Networks, lookup: Lookup = socket.getaddrinfo) -> None:
        import aiohttp

        self._allow = allow
        self._resolver = _Resolver(allow, lookup)
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,  # type: ignore[arg-type]  # it has all that one needs
            socket_factory=self._open_socket,
            use_dns_cache=False,
            force_close=True,
            limit=0,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout_s: float,
        max_bytes: int,
    ) -> Answer:
        """Send a request and read the answer, at most `max_bytes` of its body.

        `timeout_s` bounds all of it, from the lookup of the name to the last byte that is read.
        Raises: Refused, Unreachable, TooSlow.
        """
        place = checked_url(url, self._allow)
        if body is not None and len(body) > MAX_REQUEST_BYTES:
            raise Refused("The body of the request is too large.")
        with _told(timeout_s):
            async with (
                asyncio.timeout(timeout_s),
                self._session.request(
                    method,
                    place,
                    headers=_checked_headers(headers),
                    data=body,
                    allow_redirects=False,
                ) as response,
            ):
                return await _read(response, max_bytes)

    async def close(self) -> None:
        """End all connections."""
        await self._session.close()
        await self._resolver.close()

    def _open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """The last gate: whatever is connected to comes by here, literal addresses too."""
        family, kind, protocol, _, place = info
        _check_address(_address(place[0]), place[1], self._allow, inner=False)
        return socket.socket(family, kind, protocol)


class _Resolver:
    """Names to addresses, in threads of its own: a slow name holds up no other work.

    An answer with one address that may not be called is refused whole.
    """

    def __init__(self, allow: Networks, lookup: Lookup) -> None:
        self._allow = allow
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, "lookup")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> "list[ResolveResult]":
        """Raises: Refused, OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._look_up, host, port)
        inner = bool(_PRIVATE_NAME.search(host))
        for _, (address, *_) in found:
            _check_address(_address(address), port, self._allow, inner=inner)
        return [_result(host, port, kind, place) for kind, place in found]

    def _look_up(self, host: str, port: int) -> list[tuple[int, tuple[Any, ...]]]:
        answers = self._lookup(host, port, type=socket.SOCK_STREAM)
        return [(answer[0], answer[4]) for answer in answers]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _result(host: str, port: int, family: int, place: tuple[Any, ...]) -> "ResolveResult":
    return {
        "hostname": host,
        "host": place[0],
        "port": port,
        "family": family,
        "proto": 0,
        "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    }


def _address(text: str) -> IPv4Address | IPv6Address:
    """Raises: Refused for what is no plain address, such as one with a zone."""
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise Refused("The host leads to an address that may not be called.") from error


async def _read(response: "ClientResponse", max_bytes: int) -> Answer:
    """Read the body, but no further than the limit."""
    content = bytearray()
    while len(content) <= max_bytes:
        chunk = await response.content.read(_CHUNK_BYTES)
        if not chunk:
            break
        content += chunk
    return Answer(
        status=response.status,
        headers=[(name.lower(), value) for name, value in response.headers.items()],
        body=bytes(content[:max_bytes]),
        truncated=len(content) > max_bytes,
    )
