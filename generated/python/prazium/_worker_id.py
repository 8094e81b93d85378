"""A worker's own id. The service knows it from the first claim on, answered or not."""

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_worker_id() -> str:
    """A TypeID: `wrk_` and a UUIDv7 in 26 characters of Crockford's base 32.

    Source: RFC 9562, section 5.7; github.com/jetify-com/typeid, specification 0.3.
    """
    stamp = time.time_ns() // 1_000_000 & 2**48 - 1
    number = stamp << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return "wrk_" + "".join(ALPHABET[number >> place & 31] for place in range(125, -1, -5))
