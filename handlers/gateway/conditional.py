"""Conditional reads (RFC 9110, section 13): an answer that the client has is not sent again."""


def is_known(if_none_match: bytes | None, etag: bytes) -> bool:
    """Whether the client has this answer: `*`, or its tag among those given, weak or strong."""
    if if_none_match is None:
        return False
    if if_none_match == etag or if_none_match.strip() == b"*":
        return True
    tags = (tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b","))
    return etag in tags
