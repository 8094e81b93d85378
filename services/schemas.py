"""The contract's schemas as compiled validators, and their findings in words for people."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import msgspec

from generated.models import FieldError
from services.wording import message_of

Json = dict[str, Any]
Validator = jsonschema_rs.Draft4Validator | jsonschema_rs.Draft202012Validator

MANY = 10_000
"""With more values in a value its first finding is told alone: each takes some 20 µs."""
MAX_ECHO = 100
"""So many characters of what came in are shown at most."""
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
REFERENCE = re.compile(r'"#/components/schemas/(\w+)"')
ANNOTATIONS = {
    "nullable",
    "example",
    "xml",
    "externalDocs",
    "discriminator",
    "deprecated",
    "default",
    "description",
}


def to_json_schema(node: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema draft 4."""
    if isinstance(node, list):
        return [to_json_schema(child) for child in node]
    if not isinstance(node, dict):
        return node
    converted = {
        key: CONVERTERS.get(key, to_json_schema)(value)
        for key, value in node.items()
        if key not in ANNOTATIONS and not key.startswith("x-")
    }
    return {"anyOf": [{"enum": [None]}, converted]} if node.get("nullable") else converted


def properties(named: Json) -> Json:
    """The schemas of an object's properties; their names are not keywords."""
    return {name: to_json_schema(schema) for name, schema in named.items()}


def is_time(text: str) -> bool:
    """Whether a text is a time with its offset that this program can hold, also in UTC.

    RFC 3339 allows more: the year 0000, and a 61st second.
    """
    try:
        time = msgspec.convert(text, datetime)
        return time.tzinfo is not None and time.astimezone(UTC) is not None
    except (msgspec.ValidationError, OverflowError):
        return False


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID with its hyphens (RFC 9562, section 4)."""
    return UUID.fullmatch(text) is not None


class ContractBroken(Exception):
    """Code and contract disagree, or the contract with itself; the message says where."""


CONVERTERS: dict[str, Callable[[Any], Any]] = {"enum": list, "properties": properties}


def validator_of(schema: Json, *, incoming: bool = False) -> jsonschema_rs.Draft4Validator:
    """A compiled validator; its patterns take linear time unless one looks around.

    Raises: ValueError if the schema or a pattern is none.
    """
    options: Json = {"validate_formats": True}
    formats = {"date-time": is_time} if incoming else {}
    if '"uuid"' in json.dumps(schema):
        formats["uuid"] = is_uuid  # draft 4 has no such format; it costs at each call
    if formats:
        options["formats"] = formats
    try:
        linear = jsonschema_rs.RegexOptions()
        return jsonschema_rs.Draft4Validator(schema, pattern_options=linear, **options)
    except ValueError:
        return jsonschema_rs.Draft4Validator(schema, **options)


class Schemas:
    """Compiles schemas of one contract."""

    def __init__(self, contract: Json) -> None:
        self.source: Json = contract["components"]["schemas"]
        self._converted = properties(self.source)
        self._compiled: dict[tuple[str, bool], jsonschema_rs.Draft4Validator] = {}

    def compile(self, schema: Json, *, incoming: bool = False) -> jsonschema_rs.Draft4Validator:
        """A validator of the schema, made once; `#/components/schemas/…` is known to it.

        One for what is `incoming` takes only times that can be read.
        """
        text = json.dumps(schema)
        if (text, incoming) not in self._compiled:
            whole = {
                "allOf": [to_json_schema(schema)],
                "components": {"schemas": self.needed(text)},
            }
            self._compiled[text, incoming] = validator_of(whole, incoming=incoming)
        return self._compiled[text, incoming]

    def needed(self, text: str) -> Json:
        """The components that a schema, as JSON, refers to, and those that they refer to.

        A validator keeps a copy of all that it is given.
        """
        found: Json = {}
        waiting = REFERENCE.findall(text)
        while waiting:
            name = waiting.pop()
            if name in self._converted and name not in found:
                found[name] = self._converted[name]
                waiting += REFERENCE.findall(json.dumps(found[name]))
        return found

    def has_times(self, schema: Json) -> bool:
        """Whether a time can stand in what a schema describes."""
        text = json.dumps(schema)
        return '"date-time"' in text + json.dumps(self.needed(text))

    def checked(self, holder: Json, *, incoming: bool = False) -> jsonschema_rs.Draft4Validator:
        """A validator of a holder's schema (parameter or media type) that its examples satisfy.

        Raises: ValueError if the schema or an example is invalid.
        """
        validator = self.compile(holder["schema"], incoming=incoming)
        examples = [entry["value"] for entry in holder.get("examples", {}).values()]
        for example in (*examples, *([holder["example"]] if "example" in holder else [])):
            for error in validator.iter_errors(example):
                where = "/".join(map(str, error.instance_path))
                raise ValueError(f"the example is wrong at /{where}: {error.message[:200]}")
        return validator

    def resolve(self, schema: Json) -> Json:
        """The schema that a `$ref` names, or the schema itself."""
        while "$ref" in schema:
            schema = self.source[schema["$ref"].rpartition("/")[2]]
        return schema


def field_errors(
    validator: Validator, value: Any, at: str = "", *, many: int = MANY
) -> list[FieldError]:
    """What is wrong with the value, by JSON pointers that begin at `at`; one finding a field.

    Of more than `many` values the first alone.
    """
    try:
        if validator.is_valid(value):
            return []
        found: dict[str, str] = {}
        for error in sorted(findings(validator, value, many), key=is_detail):
            for where, what in in_words(error):
                found.setdefault(where, what)
        return [field_error(f"{at}{where}", what) for where, what in found.items()]
    except UnicodeEncodeError:
        return [field_error(at, "must not contain lone surrogates")]


def findings(
    validator: Validator, value: Any, many: int
) -> Iterable[jsonschema_rs.ValidationError]:
    """All that is wrong with a value, or the first of it if there may be very much."""
    if values_in(value, many) <= many:
        return validator.iter_errors(value)
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return [error]
    return []


def values_in(value: Any, most: int) -> int:
    """How many values a value has in it, itself included; counted no further than `most`."""
    found = [value]
    for each in found:  # which grows meanwhile
        if isinstance(each, dict):
            found += each.values()
        elif isinstance(each, list):
            found += each
        if len(found) > most:
            break
    return len(found)


def field_error(where: str, what: str) -> FieldError:
    """A finding; a name of the caller's is cut, as nothing long is sent back."""
    shown = where if len(where) <= MAX_ECHO else f"{where[: MAX_ECHO - 1]}…"
    return FieldError(field_=shown, message=what[:500])


def one_each(found: list[FieldError]) -> list[FieldError]:
    """The first finding of each field."""
    return list({error.field_: error for error in reversed(found)}.values())[::-1]


def is_detail(error: jsonschema_rs.ValidationError) -> bool:
    """Whether a finding is of less use than that the value is empty or of another type."""
    kind: Any = error.kind
    return kind.name not in ("type", "minLength")


def in_words(error: jsonschema_rs.ValidationError) -> Iterator[tuple[str, str]]:
    """A finding as pointers and messages, without schema internals or the value."""
    where = pointer(error)
    kind: Any = error.kind
    match kind.name:
        case "required":
            yield f"{where}/{escaped(kind.property)}", "is required"
        case "additionalProperties":
            for name in kind.unexpected:
                yield f"{where}/{escaped(name)}", "is not a known field"
        case "anyOf" | "oneOf":
            yield from of_branches(where, kind.context)
        case _:
            yield where, message_of(kind)


def of_branches(
    where: str, branches: list[list[jsonschema_rs.ValidationError]]
) -> Iterator[tuple[str, str]]:
    """What the branch demands whose type the value has; else the types that it may have."""
    if not all(branches):
        yield where, "fits more than one of the forms of which it must have just one"
        return
    types: list[str] = []
    for errors in branches:
        others = [type_ for error in errors for type_ in other_types(error, where)]
        if not others:
            for error in errors:
                yield from in_words(error)
            return
        types += others
    yield where, f"must be of type {' or '.join(dict.fromkeys(types))}"


def other_types(error: jsonschema_rs.ValidationError, where: str) -> list[str]:
    """The types that were possible, if a finding says that the value at `where` has another."""
    kind: Any = error.kind
    if pointer(error) != where:
        return []
    if kind.name == "type":
        return [str(type_) for type_ in kind.types]
    return ["null"] if kind.name == "enum" and kind.options == [None] else []


def escaped(part: object) -> str:
    """A part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def pointer(error: jsonschema_rs.ValidationError) -> str:
    """Where a finding is."""
    return "".join(f"/{escaped(part)}" for part in error.instance_path)
