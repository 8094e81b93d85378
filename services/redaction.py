"""Secrets taken out of what leaves the process: error bodies, and the lines of the log."""

import re

HIDDEN = "[redacted]"
KEYS = frozenset({"api_key", "authorization", "cookie", "password", "secret", "token"})
"""What a value is called that is never logged, whatever it is."""

SECRET = re.compile(
    r"pzm_[0-9A-Za-z_-]{8,}"
    r"|\bsk-[0-9A-Za-z_-]{16,}"
    r"|(?:(?<=://)|(?<=:~1~1)|(?i:(?<=:%2f%2f)))[^\s/?#\"'@]*:[^\s/?#\"']*(?=@)"
    r"|(?i:(?<=\bbearer )|(?<=\bbasic ))(?!realm=)[0-9A-Za-z._~+/=-]{8,}"
)
SHAPES = ("pzm_", "sk-", "://", ":~1~1", ":%2", "bearer ", "basic ")
"""One of these is in every text with such a secret, in lower case; to look for them is cheaper."""

NAMED = re.compile(
    r"(?i:(api[_-]?key|authorization|cookie|passw(?:or)?d|secret|token)(\\?[\"']?\s*[:=]\s*\\?[\"']?))"
    r"(?!null\b|None\b)[^\s\"'&,;}\\]+"
)


def without_secrets(text: str) -> str:
    """The text without keys, credentials and passwords in URLs, known by their form."""
    lower = text.lower()
    if any(shape in lower for shape in SHAPES):
        return SECRET.sub(HIDDEN, text)
    return text


def without_named_secrets(text: str) -> str:
    """The text of a program: also without what stands after `password=` and the like."""
    return NAMED.sub(rf"\1\2{HIDDEN}", without_secrets(text))
