"""The ids of a list's items, held against their pattern together.

A type asks a pattern once for every text; in a list that is half of the whole check. Texts of one
length can be asked in a row.
"""

import re
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta
from msgspec.inspect import is_struct_type
from msgspec.structs import FieldInfo

TYPE_ID = re.compile(r"\^([a-z]+_)\[0-7\]\[0-9a-hjkmnp-tv-z\]\{25\}\\Z")
"""The pattern of an id (TypeID 0.3), as types ask it."""
DIGITS = 26

Check = Callable[[Any], bool]


def apart(kind: Any) -> tuple[Any, Check | None]:
    """A struct's type without the patterns of its lists' ids, and what checks those instead."""
    if not is_struct_type(kind):
        return kind, None
    checks: list[Check] = []
    others = {}
    for field in msgspec.structs.fields(kind):
        item = item_of(field.type)
        patterns = dict(id_patterns(item)) if item is not None and field.required else {}
        if patterns:
            lengths = {name: of_length(pattern) for name, pattern in patterns.items()}
            others[field.name] = list_of(field.type, changed(item, lengths))
            checks += [check(field.name, *named) for named in patterns.items()]
    return (changed(kind, others) if others else kind), together(checks)


def together(checks: list[Check]) -> Check | None:
    """All of them as one; most often there is one at most."""
    if len(checks) < 2:
        return checks[0] if checks else None
    return lambda found: all(check(found) for check in checks)


def item_of(kind: Any) -> Any:
    """The struct that a list is of, or None."""
    kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    item = get_args(kind)[0] if get_origin(kind) is list else None
    return item if is_struct_type(item) else None


def id_patterns(item: Any) -> Iterator[tuple[str, str]]:
    """The fields that every item has, and that are ids; each with the pattern of one."""
    for field in msgspec.structs.fields(item):
        of_type = get_args(field.type) if get_origin(field.type) is Annotated else ()
        pattern = of_type[1].pattern if len(of_type) == 2 and of_type[0] is str else None
        if field.required and pattern and TYPE_ID.fullmatch(pattern):
            yield field.name, pattern.removeprefix("^").removesuffix(r"\Z")


def of_length(pattern: str) -> Any:
    """A text as long as an id of this pattern."""
    length = pattern.index("[") + DIGITS
    return Annotated[str, Meta(min_length=length, max_length=length)]


def list_of(kind: Any, item: Any) -> Any:
    """The type of a list, of other items."""
    return (
        Annotated[list[item], *get_args(kind)[1:]] if get_origin(kind) is Annotated else list[item]
    )


def check(items: str, name: str, pattern: str) -> Check:
    """Whether all items of a struct's list have ids of this pattern; their lengths are right."""
    items_of, id_of = attrgetter(items), attrgetter(name)
    matches = re.compile(f"(?:{pattern})*").fullmatch
    return lambda found: matches("".join(map(id_of, items_of(found)))) is not None


def changed(kind: Any, others: dict[str, Any]) -> Any:
    """A struct's type with other types in some fields."""
    fields: list[Any] = [
        field_of(f, others.get(f.name, f.type)) for f in msgspec.structs.fields(kind)
    ]
    return msgspec.defstruct("Shape", fields, kw_only=True, forbid_unknown_fields=True, gc=False)


def field_of(field: FieldInfo, kind: Any) -> tuple[str, Any, Any]:
    """A field of another type."""
    return field.name, kind, msgspec.field(name=field.encode_name, default=field.default)
