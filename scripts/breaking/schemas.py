"""Two schemas compared: what a client sends may widen, what it gets may narrow."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from scripts.breaking.findings import Finding, excused, reason_of
from scripts.breaking.nodes import LOWER, UPPER, Node, Shape, shape


class Side(Enum):
    """Who reads the value; in an error, clients branch on each of its codes."""

    REQUEST = "request"
    RESPONSE = "response"
    ERROR = "error"


ABSENT = object()
FURTHER = "additionalProperties"
# What is known of pairs of schemas: one that is still being compared counts as sound.
Seen = dict[tuple[str, str], list[Finding]]


def compare(old: Node, new: Node, side: Side, seen: Seen | None = None) -> list[Finding]:
    """What breaks between two schemas; those that hold themselves are compared once."""
    seen = {} if seen is None else seen
    before, after = shape(old), shape(new)
    pair = (before.node.pointer, after.node.pointer)
    if pair in seen:
        return seen[pair]
    known = set(seen)
    seen[pair] = []
    reasons = reasons_of(old, new, before, after)
    found = list(dict.fromkeys(excused(changes(before, after, side, seen), *reasons)))
    if found:
        forget(seen, known)
        seen[pair] = found
    return found


def forget(seen: Seen, known: set[tuple[str, str]]) -> None:
    """Drop the pairs that broke nothing only because a pair above them was taken for sound."""
    for pair in seen.keys() - known:
        if not seen[pair]:
            del seen[pair]


def reasons_of(old: Node, new: Node, before: Shape, after: Shape) -> tuple[str | None, str | None]:
    """The reason that stands where a schema is used, and the one in the schema itself."""
    return reason_of(old.value, new.value), reason_of(values(before), values(after))


def values(found: Shape) -> dict[str, Any]:
    """The keywords of a shape without their places."""
    return {keyword: part.value for keyword, part in found.parts.items()}


def changes(before: Shape, after: Shape, side: Side, seen: Seen) -> Iterator[Finding]:
    """What breaks between two shapes."""
    yield from nullability(before, after, side)
    yield from (further(before, after) if side is Side.REQUEST else ())
    several = before.alternatives(), after.alternatives()
    if any(several):
        yield from alternatives(before, after, side, seen)
    if any(several) and not all(several):
        return
    if not fits(before.get("type"), after.get("type"), side):
        yield changed("type-changed", before, after, "type")
        return
    yield from (limits(before, after) if side is Side.REQUEST else ())
    yield from formats(before, after, side)
    yield from enums(before, after, side)
    yield from properties(before, after, side)
    yield from parts(before, after, side, seen)


def changed(kind: str, before: Shape, after: Shape, keyword: str) -> Finding:
    """The finding that a keyword was something and is something else."""
    place = (before if keyword in before.parts and keyword not in after.parts else after).place(
        keyword
    )
    was, now = (f"{found.get(keyword, 'absent')}" for found in (before, after))
    return Finding(kind, place, f"{keyword} was {was}, is {now}")


def fits(was: str | None, now: str | None, side: Side) -> bool:
    """Whether the new type may stand for the old one."""
    wide, narrow = (now, was) if side is Side.REQUEST else (was, now)
    return wide in (None, narrow) or (wide, narrow) == ("number", "integer")


def nullability(before: Shape, after: Shape, side: Side) -> Iterator[Finding]:
    """Null is no longer taken, or it is given."""
    was, now = bool(before.get("nullable")), bool(after.get("nullable"))
    if side is Side.REQUEST and was and not now:
        yield Finding("not-nullable", before.place("nullable"), "null is no longer valid")
    elif side is not Side.REQUEST and now and not was:
        yield Finding("response-nullable", after.place("nullable"), "may be null now")


def limits(before: Shape, after: Shape) -> Iterator[Finding]:
    """What is narrower for a request; the limits of answers are free."""
    for keyword in (*UPPER, *LOWER):
        was = before.get(keyword, None if keyword in (*UPPER, "minimum") else 0)
        now = after.get(keyword)
        if now is None or now == was:
            continue
        if was is None or (now < was if keyword in UPPER else now > was):
            yield changed("limit-narrowed", before, after, keyword)
    was, now = before.get("multipleOf"), after.get("multipleOf")
    if now is not None and (was is None or was % now):
        yield changed("limit-narrowed", before, after, "multipleOf")
    if "pattern" in after.parts and before.get("pattern") != after.get("pattern"):
        yield changed("pattern-changed", before, after, "pattern")


def defaults(old: Node, new: Node) -> Iterator[Finding]:
    """What leaving out an optional part of a request means now; no default is a meaning too."""
    before, after = shape(old), shape(new)
    if before.get("default", ABSENT) != after.get("default", ABSENT):
        found = changed("default-changed", before, after, "default")
        yield from excused([found], *reasons_of(old, new, before, after))


def further(before: Shape, after: Shape) -> Iterator[Finding]:
    """What a request must be beside: other parts of an `allOf`, no other form of a `oneOf`."""
    known = [node.value for node in before.hidden]
    for node in after.hidden:
        if node.value not in known:
            yield Finding("constraint-changed", node.pointer, "it holds beside another now")
    if doubled(after) > doubled(before):
        what = "more than one form may fit, and then none is taken"
        yield Finding("constraint-changed", after.place("oneOf"), what)


def formats(before: Shape, after: Shape, side: Side) -> Iterator[Finding]:
    """A format that requests must have newly, or that answers no longer have."""
    holds = after if side is Side.REQUEST else before
    if "format" in holds.parts and before.get("format") != after.get("format"):
        yield changed("format-changed", before, after, "format")
    for keyword in ("not", "discriminator"):
        if before.get(keyword) != after.get(keyword):
            yield changed("constraint-changed", before, after, keyword)


def enums(before: Shape, after: Shape, side: Side) -> Iterator[Finding]:
    """Values that are no longer taken, values that are new in answers, codes that are gone."""
    was, now = before.get("enum"), after.get("enum")
    gone = [value for value in was or [] if value not in (now or [])]
    more = [value for value in now or [] if value not in (was or [])]
    listed = ", ".join(map(str, more if side is not Side.REQUEST else gone))
    if side is Side.REQUEST:
        if now is not None and (was is None or gone):
            what = f"no longer takes {listed}" if was else f"takes only {', '.join(map(str, now))}"
            yield Finding("enum-narrowed", after.place("enum"), what)
        return
    if was is not None and not before.get("x-open-enum"):
        if now is None or more:
            what = f"may be {listed} now" if now else "may be any value now"
            yield Finding("enum-widened", (after if now else before).place("enum"), what)
        elif after.get("x-open-enum"):
            yield Finding("enum-widened", after.place("x-open-enum"), "may be any value now")
    if side is Side.ERROR and gone and now is not None:
        what = f"is never {', '.join(map(str, gone))} now"
        yield Finding("error-code-removed", after.place("enum"), what)


def properties(before: Shape, after: Shape, side: Side) -> Iterator[Finding]:
    """Properties that are gone, that requests must have, or that answers may lack."""
    kind = "request" if side is Side.REQUEST else "response"
    for name, part in before.properties.items():
        if name not in after.properties:
            yield Finding(f"{kind}-property-removed", part.pointer, f"{name} is gone")
    if side is Side.REQUEST:
        harder, label, what = after.required - before.required, "required", "is required now"
    else:
        harder, label, what = before.required - after.required, "optional", "may be absent now"
    for name in sorted(harder - (before.properties.keys() - after.properties.keys())):
        part = after.properties.get(name, after.node.child("properties").child(name))
        finding = Finding(f"{kind}-property-{label}", part.pointer, f"{name} {what}")
        old = before.properties.get(name)
        yield from excused([finding], reason_of(old and old.value, part.value))


def parts(before: Shape, after: Shape, side: Side, seen: Seen) -> Iterator[Finding]:
    """What breaks in properties, items and further properties."""
    for name, part in after.properties.items():
        if name in before.properties:
            yield from compare(before.properties[name], part, side, seen)
            if side is Side.REQUEST and name not in before.required:
                yield from defaults(before.properties[name], part)
        else:
            yield from compare_with_map(before, part, side, seen)
    if "items" in before.parts or "items" in after.parts:
        yield from compare(below(before, "items"), below(after, "items"), side, seen)
    yield from maps(before, after, side, seen)


def compare_with_map(before: Shape, part: Node, side: Side, seen: Seen) -> list[Finding]:
    """What breaks in a new property, if an object could hold one of that name before."""
    was = before.get(FURTHER, True)
    told = was is not False and (side is Side.REQUEST or was is not True)
    return compare(below(before, FURTHER), part, side, seen) if told else []


def maps(before: Shape, after: Shape, side: Side, seen: Seen) -> Iterator[Finding]:
    """What breaks in further properties."""
    was, now = before.get(FURTHER, True), after.get(FURTHER, True)
    # An object that says what it has may say that it has no more; a map is all that it has.
    free = was is not True or not before.properties
    if was is not False and now is not False:
        if was is not True or now is not True:
            yield from compare(below(before, FURTHER), below(after, FURTHER), side, seen)
    elif now is False and was is not False and (side is Side.REQUEST or free):
        kind = "request-closed" if side is Side.REQUEST else "response-closed"
        yield changed(kind, before, after, FURTHER)


def below(found: Shape, keyword: str) -> Node:
    """The schema under a keyword; absent or true, it is the one that takes everything."""
    value = found.get(keyword)
    return Node(found.node.contract, found.place(keyword), value if isinstance(value, dict) else {})


def alternatives(before: Shape, after: Shape, side: Side, seen: Seen) -> Iterator[Finding]:
    """Forms that requests may no longer have, or that answers have newly."""
    olds, news = before.alternatives() or [plain(before)], after.alternatives() or [plain(after)]
    request = side is Side.REQUEST
    held, holders = (olds, news) if request else (news, olds)
    for place, member in enumerate(held):
        near = partner(member, place, holders, len(held))
        ranked = [*near, *(holder for holder in holders if holder not in near)]
        tried = (
            compare(*((member, holder) if request else (holder, member)), side, seen)
            for holder in ranked
        )
        first = next(tried)
        if first and all(tried):
            yield from first if near else [alternative(member, request)]


def doubled(found: Shape) -> int:
    """How many forms of a `oneOf` have the type of one before them."""
    forms = found.alternatives() if "oneOf" in found.parts else []
    kinds = [shape(form).get("type") for form in forms]
    return len(kinds) - len(set(kinds))


def partner(member: Node, place: int, others: list[Node], count: int) -> list[Node]:
    """The form that a form was or became: of its name, or else of its place and type."""
    name = member.value.get("$ref")
    same = [other for other in others if name and other.value.get("$ref") == name]
    if same or len(others) != count:
        return same[:1]
    kinds = {shape(form).get("type") for form in (member, others[place])}
    return [others[place]] if len(kinds) == 1 else []


def plain(found: Shape) -> Node:
    """A schema as the only form of itself; whether it may be null is compared apart."""
    value = {key: part for key, part in found.node.value.items() if key != "nullable"}
    return found.node._replace(value=value)


def alternative(member: Node, request: bool) -> Finding:
    """The finding that a form is gone or new."""
    kind = "request-alternative-removed" if request else "response-alternative-added"
    return Finding(kind, member.pointer, f"a form is {'gone' if request else 'new'}")
