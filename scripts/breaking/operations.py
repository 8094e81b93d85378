"""Two operations compared: name, credentials, parameters, body and answers."""

from collections.abc import Iterator

from handlers.gateway.bodies import MAX_BODY
from handlers.gateway.strict import MAX_VALUES
from scripts.breaking.findings import Finding, excused, named, reason_of
from scripts.breaking.nodes import Node
from scripts.breaking.schemas import Side, compare, defaults

STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
Parameters = dict[tuple[str, str], Node]


def compare_operations(before: Node, after: Node, old: Node, new: Node) -> Iterator[Finding]:
    """What breaks between two operations of two path items, `before` and `after`."""
    names = (str(old.value["operationId"]),)
    for finding in (
        *identity(old, new),
        *sunset(old, new),
        *security(old, new),
        *parameters(parameters_of(before, old), parameters_of(after, new), new),
        *body(old, new),
        *size(old, new),
        *answers(old.child("responses"), new.child("responses")),
    ):
        yield finding._replace(operations=names)


def identity(old: Node, new: Node) -> Iterator[Finding]:
    """Where generated clients have the function, and what a key needs to call it."""
    kinds = {"operationId": "operation-id-changed", "tags": "tag-changed"}
    for key, kind in kinds.items():
        was, now = (
            value[0] if isinstance(value := side.value.get(key), list) else value
            for side in (old, new)
        )
        if was != now:
            yield Finding(kind, new.child(key).pointer, f"{key} was {was}, is {now}")
    was, now = old.value.get("x-scope"), new.value.get("x-scope")
    if now is not None and was != now:
        place = new.child("x-scope").pointer
        yield Finding("scope-changed", place, f"x-scope was {was or 'absent'}, is {now}")


def sunset(old: Node, new: Node) -> Iterator[Finding]:
    """An end that comes sooner than clients were told."""
    was, now = old.value.get("x-sunset"), new.value.get("x-sunset")
    if was and now and now < was:
        place = new.child("x-sunset").pointer
        yield Finding("sunset-earlier", place, f"x-sunset was {was}, is {now}")


def security(old: Node, new: Node) -> Iterator[Finding]:
    """Credentials that were enough and are no longer."""
    before, after = requirements(old), requirements(new)
    for schemes in before:
        if not any(enough <= schemes for enough in after):
            own = "security" in new.value
            place = new.child("security").pointer if own else "#/security"
            had = " and ".join(sorted(schemes)) or "no credential"
            yield Finding("security-added", place, f"{had} is no longer enough")


def requirements(operation: Node) -> list[set[str]]:
    """The sets of schemes of which one is enough; no scheme at all is the empty set."""
    found = operation.value.get("security", operation.contract.get("security", []))
    return [set(alternative) for alternative in found] or [set()]


def parameters_of(item: Node, operation: Node) -> Parameters:
    """The parameters by name and place; those of the operation come before the path's."""
    found = [node.resolved() for side in (item, operation) for node in side.children("parameters")]
    return {(name_of(node), node.value["in"]): node for node in found}


def name_of(parameter: Node) -> str:
    """The name as it is compared: headers have it in any case."""
    name: str = parameter.value["name"]
    return name.lower() if parameter.value["in"] == "header" else name


def parameters(before: Parameters, after: Parameters, operation: Node) -> Iterator[Finding]:
    """Parameters that are gone, moved, newly required, or narrower."""
    moved = set()
    for (name, place), old in before.items():
        elsewhere = {key for key in after.keys() - before.keys() if key[0] == name}
        if (name, place) in after:
            yield from parameter(old, after[name, place])
        elif elsewhere:
            moved |= elsewhere
            yield from relocated(old, after[min(elsewhere)])
        else:
            text = f"the {place} parameter {name} is gone"
            yield Finding("parameter-removed", old.pointer, text)
    for key in sorted(after.keys() - before.keys() - moved):
        new = after[key]
        if new.value.get("required"):
            text = f"the {key[1]} parameter {key[0]} is new and required"
            found = Finding("parameter-required", new.pointer, text)
            yield from excused([found], reason_of(None, new.value))


def relocated(old: Node, new: Node) -> Iterator[Finding]:
    """A parameter of the same name in another place."""
    text = f"{new.value['name']} was in {old.value['in']}, is in {new.value['in']}"
    found = Finding("parameter-moved", new.child("in").pointer, text)
    yield from excused([found], reason_of(old.value, new.value))


def parameter(old: Node, new: Node) -> Iterator[Finding]:
    """What breaks in a parameter."""
    title = f"the {new.value['in']} parameter {new.value['name']}"
    before, after = schema_of(old), schema_of(new)
    found = [*form(old, new), *compare(before, after, Side.REQUEST)]
    if not old.value.get("required"):
        found += defaults(before, after)
    yield from excused(named(found, new, title), reason_of(old.value, new.value))


def form(old: Node, new: Node) -> Iterator[Finding]:
    """Whether a parameter must be sent, and how it is written."""
    if new.value.get("required") and not old.value.get("required"):
        place = new.child("required").pointer
        yield Finding("parameter-required", place, "it is required now")
    if new.value.get("x-gateway") and not old.value.get("x-gateway"):
        place = new.child("x-gateway").pointer
        yield Finding("argument-removed", place, "only the gateway reads it now")
    was, now = written(old), written(new)
    if was != now:
        place = new.child("style").pointer
        text = f"style and explode were {was[0]} and {was[1]}, are {now[0]} and {now[1]}"
        yield Finding("parameter-style-changed", place, text)


def written(parameter: Node) -> tuple[str, bool]:
    """Style and explode, with the defaults of OpenAPI."""
    style = parameter.value.get("style", STYLES[parameter.value["in"]])
    return style, parameter.value.get("explode", style == "form")


def schema_of(parameter: Node) -> Node:
    """The schema of a parameter, or of its only content."""
    if "schema" in parameter.value:
        return parameter.child("schema")
    return next((node.child("schema") for node in parameter.children("content")), parameter)


def body(old: Node, new: Node) -> Iterator[Finding]:
    """What breaks in the body of the request."""
    before, after = old.child("requestBody").resolved(), new.child("requestBody").resolved()
    found = []
    if after.value.get("required") and not before.value.get("required"):
        place = after.child("required").pointer
        found.append(Finding("body-required", place, "a body is required now"))
    if before.value and not after.value:
        found.append(Finding("body-removed", before.pointer, "the body is gone"))
    else:
        found += contents(before, after, "request-media-type-removed", Side.REQUEST)
    yield from excused(found, reason_of(before.value, after.value))


def size(old: Node, new: Node) -> Iterator[Finding]:
    """Bodies that are too large now; where nothing is said, the gateway's own limits hold."""
    for name, usual in (("x-max-body", MAX_BODY), ("x-max-values", MAX_VALUES)):
        was, now = (side.value.get(name, usual) for side in (old, new))
        if "requestBody" in old.value and now < was:
            yield Finding("body-smaller", new.child(name).pointer, f"{name} was {was}, is {now}")


def contents(old: Node, new: Node, gone: str, side: Side) -> Iterator[Finding]:
    """What breaks in the media types of a body or an answer."""
    before, after = old.child("content"), new.child("content")
    for media in before.value:
        was, now = before.child(media), after.child(media)
        if media not in after.value:
            yield Finding(gone, was.pointer, f"{media} is gone")
        else:
            yield from compare(was.child("schema"), now.child("schema"), side)


def answers(before: Node, after: Node) -> Iterator[Finding]:
    """Statuses that are gone, successes that are new, and what breaks in the others.

    A 304 comes to who has asked for it, by If-None-Match.
    """
    for status in before.value:
        if status in after.value:
            yield from answer(status, before.child(status), after.child(status))
        else:
            gone = before.child(status).pointer
            yield Finding("status-removed", gone, f"{status} is gone")
    for status in after.value:
        if status not in before.value and status < "400" and status != "304":
            new = after.child(status)
            found = Finding("status-added", new.pointer, f"{status} is new")
            yield from excused([found], reason_of(None, new.resolved().value))


def answer(status: str, before: Node, after: Node) -> Iterator[Finding]:
    """What breaks in an answer."""
    side = Side.RESPONSE if status < "400" else Side.ERROR
    old, new = before.resolved(), after.resolved()
    found = [
        *headers(old.child("headers"), new.child("headers")),
        *contents(old, new, "response-media-type-removed", side),
    ]
    yield from excused(found, reason_of(old.value, new.value))


def headers(before: Node, after: Node) -> Iterator[Finding]:
    """Headers that are gone, that may be absent, or that hold something else."""
    names = {name.lower(): name for name in after.value}
    for name in before.value:
        old = before.child(name)
        if name.lower() not in names:
            yield Finding("header-removed", old.pointer, f"the header {name} is gone")
            continue
        was, now = old.resolved(), after.child(names[name.lower()]).resolved()
        found = list(compare(schema_of(was), schema_of(now), Side.RESPONSE))
        if was.value.get("required") and not now.value.get("required"):
            found.append(Finding("header-optional", now.pointer, "it may be absent now"))
        yield from excused(named(found, now, f"the header {name}"), reason_of(was.value, now.value))
