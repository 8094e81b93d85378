"""What a schema's keyword demands, in words for people."""

from collections.abc import Mapping
from typing import Any

LONGEST = 200
"""So much of a customer's own schema is shown."""

FORMS: Mapping[str, str] = {
    "^(0|[1-9][0-9]{0,15})$": "must be the number of an event, such as 12",
    "^[1-9][0-9]{0,15}$": "must be the number of an event, such as 12",
    "^[A-Za-z0-9.-]{1,64}$": "must have 1 to 64 letters, digits, '.' or '-'",
    "^[A-Za-z0-9._-]{1,64}$": "must have 1 to 64 letters, digits, '.', '_' or '-'",
    "^[A-Za-z0-9_.-]+$": "must be a cursor that a list gave",
    "^[0-9a-f]{16}$": "must have 16 digits or letters from a to f",
    "^[0-9a-f]{32}$": "must have 32 digits or letters from a to f",
    "^[0-9a-f]{40}$": "must be the 40 digits or letters from a to f of a commit",
    "^[0-9a-f]{64}$": "must have 64 digits or letters from a to f",
    "^q[1-9][0-9]{0,2}$": "must be the id of a question, such as q1",
    "^[a-z][a-z0-9-]{0,59}$": (
        "must begin with a small letter and have at most 60 small letters, digits or '-'"
    ),
    "^[a-z0-9][a-z0-9-]{0,59}$": (
        "must begin with a small letter or digit and have at most 60 small letters, digits or '-'"
    ),
    "^[A-Z][A-Z0-9_]{2,49}$": (
        "must be a code such as INVALID_IMAGE: 3 to 50 capitals, digits or '_', a capital first"
    ),
    "^[a-z0-9][a-z0-9._-]{0,63}$": (
        "must be the name of a queue: at most 64 small letters, digits, '.', '_' or '-', "
        "a letter or digit first"
    ),
    "^[a-z][a-z0-9_.-]{0,99}$": (
        "must be a kind such as thumbnail.make: at most 100 small letters, digits, '_', '.' or "
        "'-', a letter first"
    ),
    "^[a-z]+[.][a-z_]+$": "must be two words of small letters with a '.' between them",
    "^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,62}$": (
        "must have at most 63 letters, digits or any of . _ : / @ -, a letter or digit first"
    ),
    "^[A-Za-z0-9][A-Za-z0-9._:-]*$": (
        "must have only letters, digits or any of . _ : -, a letter or digit first"
    ),
    "^[@0-9A-Za-z*/,#-]+( +[0-9A-Za-z*/,#-]+)*$": (
        "must be a cron expression of five fields, such as 30 2 * * 1-5"
    ),
    "^[A-Za-z][A-Za-z0-9_+/-]{0,63}$": "must be a time zone, such as Europe/Berlin",
    "^[A-Za-z0-9_-]{1,100}$": "must have 1 to 100 letters, digits, '_' or '-'",
    "^[ -~]+$": "must have only printable ASCII characters",
    "^[!-~]+$": "must have only printable ASCII characters, without spaces",
}
"""Patterns of the contract, and what each asks for."""

FORMATS: Mapping[str, str] = {
    "date-time": "must be a time with its offset, such as 2026-01-15T11:30:00Z",
    "uuid": "must be a UUID, such as 0198c0de-0000-7000-8000-000000000000",
}


def message_of(kind: Any) -> str:
    """One keyword's demand."""
    match kind.name:
        case "type":
            return f"must be of type {' or '.join(kind.types)}"
        case "enum":
            return f"must be one of: {', '.join(str(option) for option in kind.options)}"
        case "const":
            return f"must be {str(kind.expected_value)[:LONGEST]}"
        case "format":
            return FORMATS.get(kind.format, f"must be a {kind.format}")
        case "pattern":
            return pattern_message(kind.pattern)
        case "multipleOf":
            return f"must be a multiple of {kind.multiple_of}"
        case "uniqueItems":
            return "must not have the same entry twice"
        case "falseSchema":
            return "is not allowed here"
        case _:
            return bound_message(kind)


def bound_message(kind: Any) -> str:
    """What a limit asks for."""
    match kind.name:
        case "minLength":
            least = f"must have at least {kind.limit} characters"
            return "must not be empty" if kind.limit == 1 else least
        case "maxLength":
            return f"must have at most {kind.limit} characters"
        case "minItems" | "minProperties":
            return f"must have at least {kind.limit} entries"
        case "maxItems" | "maxProperties":
            return f"must have at most {kind.limit} entries"
        case "minimum":
            return f"must be at least {kind.limit}"
        case "maximum":
            return f"must be at most {kind.limit}"
        case "exclusiveMinimum":
            return f"must be more than {kind.limit}"
        case "exclusiveMaximum":
            return f"must be less than {kind.limit}"
        case _:
            return f"does not meet what the schema says with `{kind.name}`"


def pattern_message(pattern: str) -> str:
    """What a pattern asks for; one of a customer's own schema is shown."""
    if pattern in FORMS:
        return FORMS[pattern]
    if pattern.startswith("^[^\\u0000"):
        return "must contain something visible, and no control characters"
    if "[0-9a-hjkmnp-tv-z]{25}" in pattern:
        return f"must be an id that begins with {pattern[1:].partition('[')[0]}"
    if pattern.startswith("^[hH][tT]"):
        return "must be an http or https URL without credentials"
    if r"\.lock" in pattern:
        return "must name a branch, a tag or a commit by the rules of git check-ref-format"
    if "[gG][iI][tT]" in pattern:
        return (
            "must be a path inside the repository, without '.', '..', '.git', '\\' or empty parts"
        )
    return f"must match the pattern {pattern[:LONGEST]}"
