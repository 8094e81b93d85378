"""What no schema can say is wrong with a graph, by pointer."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec
from msgspec import UNSET

from generated.models import FieldError, GraphWait, NewGraph, NewGraphTask, WaitFor
from services.engine.enqueue import DEFAULT_QUEUE
from services.engine.graph.forms import MOST_ITEMS
from services.engine.graph.opening import DEEPEST
from services.engine.references import (
    FROM,
    INDEX,
    ITEM,
    LITERAL,
    InvalidReference,
    check_template,
    find,
    marks,
    resolve,
)
from services.errors import ValidationFailed, invalid_fields
from services.job_kinds.inputs import SCHEMAS
from services.kinds import Inputs
from services.new_jobs import MOST_AHEAD, given
from services.schemas import Json, field_errors

GRAPH = SCHEMAS.compile({"$ref": "#/components/schemas/NewGraph"}, incoming=True)

AS_DATA = "; what is data stands in `$literal`"
OF_JOBS = ("retry", "timeout_seconds", "queue", "priority")
"""What is said of a job, or of each job of a map."""

Flaws = Iterator[tuple[str, str]]


def check(graph: NewGraph) -> None:
    """Hold a graph against the rules that no schema can say.

    Raises: ValidationFailed naming the fields that are wrong.
    """
    refuse(flaws(graph, "", 1))


def refuse(flaws: Flaws) -> None:
    """Raises: ValidationFailed if there are any."""
    if found := [FieldError(field_=where[:200], message=what) for where, what in flaws]:
        raise invalid_fields(found)


def flaws(graph: NewGraph, at: str, depth: int) -> Flaws:
    """What is wrong with a graph, by pointer."""
    shape = list(flaws_of_shape(graph, at))
    yield from shape
    if shape:
        return
    before = ancestors(graph)
    for place, task in enumerate(graph.tasks):
        where = f"{at}/tasks/{place}"
        yield from flaws_of_form(task, where)
        yield from flaws_of_references(task, before[task.slug], where)
        mapped = given(task.map)
        value, name = (mapped.over, "map/over") if mapped else (given(task.input), "input")
        yield from misplaced_marks(value, f"{where}/{name}", depth)
        if isinstance(task.graph, dict):
            yield from flaws_inside(task.graph, f"{where}/graph", depth + 1)
    yield from unknown_references(given(graph.output), set(before), f"{at}/output")
    yield from misplaced_marks(given(graph.output), f"{at}/output", depth)


def flaws_of_shape(graph: NewGraph, at: str) -> Flaws:
    """Slugs that are there twice, dependencies that lead nowhere or in a circle."""
    seen: set[str] = set()
    maps = [task.slug for task in graph.tasks if given(task.map)]
    slugs = {task.slug for task in graph.tasks}
    for place, task in enumerate(graph.tasks):
        where = f"{at}/tasks/{place}"
        head, _, index = task.slug.rpartition("-")
        if task.slug in seen:
            yield f"{where}/slug", "is the slug of another task too"
        elif index.isdigit() and head in maps:
            yield f"{where}/slug", "is the slug of an item of a map"
        seen.add(task.slug)
        for number, slug in enumerate(given(task.depends_on) or ()):
            if slug == task.slug:
                yield f"{where}/dependsOn/{number}", "is the task itself"
            elif slug not in slugs:
                yield f"{where}/dependsOn/{number}", "is no task of this graph"
    if circle := circle_of(graph):
        places = {task.slug: place for place, task in enumerate(graph.tasks)}
        road = " → ".join(circle[:10])
        yield f"{at}/tasks/{places[circle[0]]}/dependsOn", f"leads in a circle: {road}"


def circle_of(graph: NewGraph) -> list[str]:
    """Tasks that wait for each other; empty if there are none, or others are wrong."""
    slugs = {task.slug for task in graph.tasks}
    after = {
        task.slug: {slug for slug in given(task.depends_on) or () if slug in slugs - {task.slug}}
        for task in graph.tasks
    }
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def in_order(graph: NewGraph) -> list[NewGraphTask]:
    """The tasks, each behind those that it depends on."""
    known = {task.slug: task for task in graph.tasks}
    after = {task.slug: given(task.depends_on) or [] for task in graph.tasks}
    return [known[slug] for slug in TopologicalSorter(after).static_order()]


def ancestors(graph: NewGraph) -> dict[str, set[str]]:
    """For each task all that end before it can begin."""
    before: dict[str, set[str]] = {}
    for task in in_order(graph):
        after = given(task.depends_on) or []
        before[task.slug] = set(after).union(*(before[slug] for slug in after))
    return before


def flaws_of_form(task: NewGraphTask, at: str) -> Flaws:
    """Whether it is one thing, and has what belongs to that."""
    kind, wait, graph = given(task.kind), given(task.wait), given(task.graph)
    if sum(form is not None for form in (kind, wait, graph)) != 1:
        yield at, "must have one of `kind`, `wait` and `graph`"
    elif wait is not None:
        yield from flaws_of_wait(wait, f"{at}/wait")
        for name in ("input", "map", *OF_JOBS):
            if getattr(task, name) is not UNSET:
                yield f"{at}/{camel(name)}", "has no meaning for a wait; see the fields of `wait`"
    elif graph is not None:
        for name in OF_JOBS:
            if getattr(task, name) is not UNSET:
                yield f"{at}/{camel(name)}", "has no meaning for a graph; say it of the tasks in it"


def flaws_of_kinds(tasks: list[tuple[str, NewGraphTask]], inputs: Inputs) -> Flaws:
    """Kinds that there are not, and inputs that they do not take."""
    for at, task in tasks:
        if kind := given(task.kind):
            yield from flaws_of_input(kind, task, inputs, at)


def flaws_of_input(kind: str, task: NewGraphTask, inputs: Inputs, at: str) -> Flaws:
    """Whether there is a kind, and what is wrong with the input as far as that is known."""
    try:
        inputs.check(kind, known_input(task), at)
    except ValidationFailed as error:
        assert isinstance(error.details, list)
        yield from ((detail.field_, detail.message) for detail in error.details)


def known_input(task: NewGraphTask) -> Json | None:
    """A task's input as it will be; None if something in it stands for what is not known yet."""
    value = given(task.input) or {}
    if any(mark != LITERAL for _, mark in marks(value, "")):
        return None
    whole: Json = resolve(value, [], [])
    return whole


def flaws_of_times(tasks: list[tuple[str, NewGraphTask]], now: datetime) -> Flaws:
    """Waits for times that are too far ahead."""
    for at, task in tasks:
        until = given(wait.until) if (wait := given(task.wait)) else None
        if until and until > now + MOST_AHEAD:
            yield f"{at}/wait/until", "must be at most ten years ahead"


def queues_of(graph: NewGraph) -> list[str]:
    """The queues that its tasks are sent to, also of graphs in it; none if it only waits."""
    tasks = [task for _, task in all_tasks(graph, "") if given(task.kind)]
    return sorted({given(task.queue) or DEFAULT_QUEUE for task in tasks})


def all_tasks(graph: NewGraph, at: str) -> Iterator[tuple[str, NewGraphTask]]:
    """The tasks, also of graphs in the graph, and where they are."""
    for place, task in enumerate(graph.tasks):
        where = f"{at}/tasks/{place}"
        yield where, task
        if isinstance(task.graph, dict):
            yield from all_tasks(msgspec.convert(task.graph, NewGraph), f"{where}/graph")


def camel(name: str) -> str:
    """A field's name in JSON."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def flaws_of_wait(wait: GraphWait, at: str) -> Flaws:
    """What belongs to which kind of wait."""
    timed = [wait.seconds is not UNSET, wait.until is not UNSET]
    if all(timed):
        yield f"{at}/until", "stands instead of `seconds`, not beside it"
    if wait.for_ == WaitFor.timer and not any(timed):
        yield f"{at}/seconds", "is required for a timer, or `until`"
    if (wait.for_ == WaitFor.signal) != (wait.name is not UNSET):
        yield f"{at}/name", "is required for a signal, and for nothing else"
    for name in ("answerers", "question"):
        if wait.for_ != WaitFor.answer and getattr(wait, name) is not UNSET:
            yield f"{at}/{name}", "has a meaning only for an answer"
    if wait.otherwise is not UNSET and (wait.for_ == WaitFor.timer or not any(timed)):
        yield f"{at}/otherwise", "has a meaning only for a signal or an answer with a time"


def answerers_of(tasks: list[tuple[str, NewGraphTask]]) -> dict[str, str]:
    """The keys that are to answer, by the field that names them."""
    waits = [(at, wait) for at, task in tasks if (wait := given(task.wait))]
    return {
        f"{at}/wait/answerers/{place}": key
        for at, wait in waits
        for place, key in enumerate(given(wait.answerers) or [])
    }


def flaws_of_answerers(answerers: dict[str, str], good: set[str]) -> Flaws:
    """Keys that cannot answer: there are none of these ids, or they have ended."""
    for at, key in answerers.items():
        if key not in good:
            yield at, "is no key of yours that is valid"


def flaws_of_references(task: NewGraphTask, before: set[str], at: str) -> Flaws:
    """References that cannot be read, or to what need not have ended."""
    yield from unknown_references(given(task.input), before, f"{at}/input")
    mapped = given(task.map)
    if mapped:
        yield from unreadable_marks(partial(check_template, given(task.input), f"{at}/input"))
        yield from unknown_references(mapped.over, before, f"{at}/map/over")
        over = mapped.over
        if isinstance(over, list) and len(over) > MOST_ITEMS:
            yield f"{at}/map/over", f"must have at most {MOST_ITEMS} entries"
        elif not isinstance(over, list) and not (
            isinstance(over, dict) and {FROM, LITERAL, ITEM} & over.keys()
        ):
            yield f"{at}/map/over", "must be a list or a reference to one"


def unknown_references(value: Any, before: set[str], at: str) -> Flaws:
    """References in a value that cannot be read, or to others than these tasks."""
    try:
        for where, reference in find(value, at):
            if reference.slug not in before:
                yield f"{where}/{FROM}", "is no task that ends before"
    except InvalidReference as error:
        yield error.at, str(error)


def misplaced_marks(value: Any, at: str, depth: int) -> Flaws:
    """Marks for an item where there is none; that of a graph in a graph has no place in a list."""
    for where, mark in marks(value, at):
        if mark == INDEX:
            yield f"{where}/{mark}", f"has a meaning only in the input of a map{AS_DATA}"
        elif mark == ITEM and depth == 1:
            yield f"{where}/{mark}", f"has a meaning only in a map or a graph in the graph{AS_DATA}"


def unreadable_marks(check: Callable[[], object]) -> Flaws:
    """A mark that stands for no part of an item."""
    try:
        check()
    except InvalidReference as error:
        yield error.at, str(error)


def flaws_inside(value: dict[str, Any], at: str, depth: int) -> Flaws:
    """What is wrong with a graph in the graph."""
    if depth > DEEPEST:
        yield at, f"would make {depth} graphs in each other; {DEEPEST} are possible"
        return
    found = field_errors(GRAPH, value, at)
    yield from ((one.field_, one.message) for one in found)
    if value.get("dryRun"):
        yield f"{at}/dryRun", "has a meaning only for the outermost graph"
    if not found:
        yield from unreadable_marks(lambda: each_part(value, at, check_template))
        yield from flaws(msgspec.convert(value, NewGraph), at, depth)


def each_part(graph: Json, at: str, change: Callable[[Any, str], Any]) -> Json:
    """A graph in a graph, with each part changed in which `$item` stands for its task's input.

    The input of a map's items, and a graph further in, have items of their own.
    """
    tasks = []
    for place, task in enumerate(graph["tasks"]):
        own = {"graph", "input"} if "map" in task else {"graph"}
        parts = {
            name: change(value, f"{at}/tasks/{place}/{name}")
            for name, value in task.items()
            if name not in own
        }
        tasks.append(task | parts)
    rest = {name: change(value, f"{at}/{name}") for name, value in graph.items() if name != "tasks"}
    return rest | {"tasks": tasks}
