"""Requests byte by byte, for what no HTTP client would send."""

import socket
import time
from urllib.parse import urlsplit

from tests.conftest import Live

PATIENCE_S = 20.0


def exchange(live: Live, *parts: bytes, cut: bool = False) -> bytes:
    """Send the parts and return all that comes back; `cut` says that nothing follows them."""
    with opened(live) as connection:
        connection.sendall(b"".join(parts))
        if cut:
            time.sleep(0.3)  # until the parts have been read: then only the rest is missing
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while received := connection.recv(65536):
            answer += received
    return answer


def opened(live: Live) -> socket.socket:
    """A connection to the running product."""
    address = urlsplit(live.url)
    return socket.create_connection((str(address.hostname), int(address.port or 80)), PATIENCE_S)


def head(live: Live, method: str, target: bytes, *headers: str) -> bytes:
    """The head of a request that carries the key and closes the connection."""
    lines = ["Host: localhost", f"Authorization: Bearer {live.key}", "Connection: close", *headers]
    fields = "".join(f"{line}\r\n" for line in lines).encode("latin-1")
    return method.encode() + b" /v1" + target + b" HTTP/1.1\r\n" + fields + b"\r\n"


def status(answer: bytes) -> int:
    """The status of an answer."""
    return int(answer.split(b" ", 2)[1])
