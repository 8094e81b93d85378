"""References of a task to what came of earlier ones, resolved as data.

`{"$from": "fetch", "pointer": "/items/0", "default": null}` stands for a part of the result of the
task `fetch` (RFC 6901); with `"of": "error"` or `"status"` for that. `{"$literal": …}` stands for
what is in it, unread. Text is text, whatever it looks like.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NoReturn

import msgspec

from services.engine.retry import TaskFailed

FROM, LITERAL, ITEM, INDEX = "$from", "$literal", "$item", "$index"
MOST_BYTES = 1024 * 1024
"""A definition may be so long once it is resolved."""
MOST_DEPTH = 64
"""As deep as a request may be, so may be what comes of a graph or is put into an input."""
ALLOWED = {FROM, "pointer", "default", "of"}
ALLOWED_OF_ITEM = {ITEM, "default"}
MARKS = {FROM, LITERAL, ITEM, INDEX}
ODD_INDEX = re.compile(r"[-+\s]|0\d")
ARRAY_INDEX = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)


class InvalidReference(Exception):
    """A reference that cannot be read; `at` points to it, the message says why."""

    def __init__(self, at: str, message: str) -> None:
        super().__init__(message)
        self.at = at


class Budget:
    """How many bytes of data may still be put in the place of marks, in an input or a result.

    It is asked before they are put together: a mark is short, and can be there a thousand times.
    `beside` is what else it is for.
    """

    def __init__(
        self,
        most: int = MOST_BYTES,
        what: Literal["input", "result"] = "input",
        beside: str = "",
    ) -> None:
        self._left = most
        self._what = what
        self._message = f"has more than {most} bytes with what it refers to{beside}."

    def spend(self, data: Any) -> Any:
        """The data, if there is room for it.

        Raises: TaskFailed.
        """
        if is_deeper(data, MOST_DEPTH):
            raise self._failed("DEEP", f"is more than {MOST_DEPTH} levels deep.")
        self._left -= len(msgspec.json.encode(data))
        return data if self._left >= 0 else self.refuse()

    def refuse(self) -> NoReturn:
        """Raises: TaskFailed."""
        raise self._failed("LARGE", self._message)

    def _failed(self, why: str, message: str) -> TaskFailed:
        return TaskFailed(f"{self._what.upper()}_TOO_{why}", f"The {self._what} {message}")


class Reference(msgspec.Struct, frozen=True):
    """What is needed of another task: the database takes `path` of it, `rest` is left to do.

    `task` is its id, once there is one.
    """

    slug: str
    of: Literal["result", "error", "status"] = "result"
    path: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    task: str | None = None

    @property
    def key(self) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
        """What a definition says of it."""
        return self.slug, self.of, self.path, self.rest


def references(value: Any) -> list[Reference]:
    """Every reference in a definition, once.

    Raises: InvalidReference.
    """
    return list(dict.fromkeys(reference for _, reference in find(value, "")))


def find(value: Any, at: str) -> Iterator[tuple[str, Reference]]:
    """The references in a value, with where they stand.

    Raises: InvalidReference.
    """
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from find(entry, f"{at}/{index}")
    elif isinstance(value, dict) and FROM in value:
        yield at, reference_of(value, at)
    elif isinstance(value, dict) and LITERAL in value:
        refuse_others(value, {LITERAL}, at)
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from find(entry, f"{at}/{escaped(name)}")


def marks(value: Any, at: str) -> Iterator[tuple[str, str]]:
    """The marks in a value, with where they stand; nothing in one of them is a mark."""
    entries: Iterable[tuple[object, Any]] = ()
    if isinstance(value, list):
        entries = enumerate(value)
    elif isinstance(value, dict):
        mark = next((one for one in (FROM, LITERAL, ITEM, INDEX) if one in value), None)
        if mark is not None:
            yield at, mark
            return
        entries = value.items()
    for name, entry in entries:
        yield from marks(entry, f"{at}/{escaped(str(name))}")


def reference_of(value: dict[str, Any], at: str) -> Reference:
    """The reference that an object is.

    Raises: InvalidReference.
    """
    slug, pointer, of = value[FROM], value.get("pointer", ""), value.get("of", "result")
    refuse_others(value, ALLOWED, at)
    refuse_marks(value.get("default"), f"{at}/default")
    if not isinstance(slug, str):
        raise InvalidReference(f"{at}/{FROM}", "must be the slug of a task")
    if of not in ("result", "error", "status"):
        raise InvalidReference(f"{at}/of", "must be one of: result, error, status")
    parts = parts_of(pointer, f"{at}/pointer")
    known = next((n for n, part in enumerate(parts) if ODD_INDEX.match(part)), len(parts))
    return Reference(slug, of, parts[:known], parts[known:])


def refuse_others(value: dict[str, Any], allowed: set[str], at: str) -> None:
    """Refuse a reference with other fields than these.

    Raises: InvalidReference.
    """
    if unknown := sorted(set(value) - allowed):
        message = f"is none of the fields of a reference: {', '.join(sorted(allowed))}"
        raise InvalidReference(f"{at}/{escaped(unknown[0])}", message)


def refuse_marks(default: Any, at: str) -> None:
    """Refuse a default with marks: it is taken as it is, and nobody would see why.

    Raises: InvalidReference.
    """
    if isinstance(default, dict) and not MARKS.isdisjoint(default):
        raise InvalidReference(at, "is data: nothing in it can stand for something else")
    for entry in inside(default):
        refuse_marks(entry, at)


def inside(value: Any) -> Iterable[Any]:
    """What a list or an object has in it."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def is_deeper(value: Any, most: int) -> bool:
    """Whether lists and objects are more than so deep in each other."""
    layer = [value]
    for _ in range(most + 1):
        layer = [entry for one in layer for entry in inside(one)]
        if not layer:
            return False
    return True


def parts_of(pointer: Any, at: str) -> tuple[str, ...]:
    """The parts of a JSON pointer (RFC 6901).

    Raises: InvalidReference.
    """
    if not isinstance(pointer, str) or (pointer and pointer[0] != "/") or len(pointer) > 500:
        raise InvalidReference(at, "must be a JSON pointer of at most 500 characters")
    if re.search(r"~(?![01])", pointer):
        raise InvalidReference(at, "must be a JSON pointer; ~ is written ~0")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def escaped(part: str) -> str:
    """A part of a JSON pointer."""
    return part.replace("~", "~0").replace("/", "~1")


def follow(value: Any, parts: tuple[str, ...]) -> list[Any]:
    """What is at a pointer, as a list of one; empty if nothing is there."""
    for part in parts:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and ARRAY_INDEX.fullmatch(part) and int(part) < len(value):
            value = value[int(part)]
        else:
            return []
    return [value]


def resolve(
    definition: Any,
    refs: list[Reference],
    results: list[list[Any]] | None,
    budget: Budget | None = None,
) -> Any:
    """A definition with what its references stand for; what is not there is their default.

    `results` has for each of `refs` what is at its path, or nothing; None if that was too much.
    Raises: TaskFailed if more would come in than the budget has room for.
    """
    left = budget or Budget()
    if results is None:
        left.refuse()
    known = {ref.key: found for ref, found in zip(refs, results, strict=True)}

    def stands_for(value: dict[str, Any]) -> Any:
        if FROM not in value:
            return value[LITERAL]
        reference = reference_of(value, "")
        at_path = known[reference.key]
        found = follow(at_path[0], reference.rest) if at_path else []
        return left.spend(found[0] if found else value.get("default"))

    return replaced(definition, (FROM, LITERAL), stands_for)


def of_item(
    template: Any, item: Any, index: int, *, literal: bool, budget: Budget | None = None
) -> Any:
    """A map's template for one item: `{"$item": "/url"}` is a part of it, `{"$index": true}` its
    place.

    `literal` marks what comes from the item as data, for whoever resolves references later.
    Raises: TaskFailed if more would come in than the budget has room for.
    """
    left = budget or Budget()

    def stands_for(value: dict[str, Any]) -> Any:
        if LITERAL in value:
            found = [value[LITERAL]]
        else:
            found = [index] if INDEX in value else follow(item, parts_of(value[ITEM], ""))
        data = left.spend(found[0] if found else value.get("default"))
        return {LITERAL: data} if literal else data

    return replaced(template, (ITEM, INDEX, LITERAL), stands_for)


def check_template(template: Any, at: str) -> None:
    """Read a map's template as `of_item` will.

    Raises: InvalidReference.
    """
    entries = {}
    if isinstance(template, list):
        entries = {str(place): entry for place, entry in enumerate(template)}
    elif isinstance(template, dict) and LITERAL not in template:
        if INDEX in template:
            refuse_others(template, {INDEX}, at)
            if template[INDEX] is not True:
                raise InvalidReference(f"{at}/{INDEX}", "must be true")
        elif ITEM in template:
            refuse_others(template, ALLOWED_OF_ITEM, at)
            refuse_marks(template.get("default"), f"{at}/default")
            parts_of(template[ITEM], f"{at}/{ITEM}")
        else:
            entries = template
    for name, entry in entries.items():
        check_template(entry, f"{at}/{escaped(name)}")


def replaced(
    value: Any, marks: tuple[str, ...], stands_for: Callable[[dict[str, Any]], Any]
) -> Any:
    """A copy in which each object that has a mark is what it stands for."""
    if isinstance(value, list):
        return [replaced(entry, marks, stands_for) for entry in value]
    if not isinstance(value, dict):
        return value
    if any(mark in value for mark in marks):
        return stands_for(value)
    return {name: replaced(entry, marks, stands_for) for name, entry in value.items()}
