"""From what a caller asks for to what the engine takes: the tasks of a graph, checked."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec
from msgspec import UNSET

from generated.models import (
    FieldError,
    GraphPlan,
    GraphWait,
    NewGraph,
    NewGraphTask,
    PlannedTask,
    TaskCondition,
    WaitFor,
)
from services import job_kinds
from services.engine.enqueue import DEFAULT_QUEUE
from services.engine.graph.adding import NewTask
from services.engine.graph.opening import MOST_ITEMS
from services.engine.graph.waits import MAP, RUN, WAIT
from services.engine.lanes import OWN_QUEUE
from services.engine.references import (
    FROM,
    InvalidReference,
    Reference,
    find,
    references,
    resolve,
)
from services.engine.retry import TaskOptions
from services.errors import ValidationFailed, invalid_fields
from services.job_kinds.inputs import SCHEMAS
from services.new_jobs import JobOptions, given, task_options
from services.schemas import field_errors

DEEPEST = 4
"""Graphs in each other, as far as one request says."""
GRAPH = SCHEMAS.compile({"$ref": "#/components/schemas/NewGraph"}, incoming=True)

Flaws = Iterator[tuple[str, str]]


def check(graph: NewGraph) -> None:
    """Hold a graph against the rules that no schema can say.

    Raises: ValidationFailed naming the fields that are wrong.
    """
    found = [FieldError(field_=where[:200], message=what) for where, what in flaws(graph, "", 1)]
    if found:
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
        if isinstance(task.graph, dict):
            yield from flaws_inside(task.graph, f"{where}/graph", depth + 1)
    yield from unknown_references(given(graph.output), set(before), f"{at}/output")


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
        for name in ("input", "map", "retry", "timeout_seconds", "queue", "priority"):
            if getattr(task, name) is not UNSET:
                yield f"{at}/{camel(name)}", "has no meaning for a wait"
    elif given(task.map) and kind not in job_kinds.BUILT:
        yield f"{at}/map", f"is possible for {', '.join(job_kinds.BUILT)}"
    elif kind is not None and not marked(given(task.input) or {}):
        try:
            job_kinds.check_input(kind, given(task.input) or {}, f"{at}/input")
        except ValidationFailed as error:
            assert isinstance(error.details, list)
            yield from ((detail.field_, detail.message) for detail in error.details)


def camel(name: str) -> str:
    """A field's name in JSON."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def marked(value: Any) -> bool:
    """Whether something in a value stands for something else."""
    if isinstance(value, list):
        return any(map(marked, value))
    if not isinstance(value, dict):
        return False
    return any(name.startswith("$") for name in value) or any(map(marked, value.values()))


def flaws_of_wait(wait: GraphWait, at: str) -> Flaws:
    """What belongs to which kind of wait."""
    timed = [wait.seconds is not UNSET, wait.until is not UNSET]
    if all(timed):
        yield f"{at}/until", "stands instead of `seconds`, not beside it"
    if wait.for_ == WaitFor.timer and not any(timed):
        yield f"{at}/seconds", "is required for a timer, or `until`"
    if (wait.for_ == WaitFor.signal) != (wait.name is not UNSET):
        yield f"{at}/name", "is required for a signal, and for nothing else"
    if wait.for_ != WaitFor.answer and wait.answerers is not UNSET:
        yield f"{at}/answerers", "has a meaning only for an answer"
    if wait.otherwise is not UNSET and (wait.for_ == WaitFor.timer or not any(timed)):
        yield f"{at}/otherwise", "has a meaning only for a signal or an answer with a time"


def flaws_of_references(task: NewGraphTask, before: set[str], at: str) -> Flaws:
    """References that cannot be read, or to what need not have ended."""
    yield from unknown_references(given(task.input), before, f"{at}/input")
    mapped = given(task.map)
    if mapped:
        yield from unknown_references(mapped.over, before, f"{at}/map/over")
        over = mapped.over
        if isinstance(over, list) and len(over) > MOST_ITEMS:
            yield f"{at}/map/over", f"must have at most {MOST_ITEMS} entries"
        elif not isinstance(over, list) and not (isinstance(over, dict) and marked(over)):
            yield f"{at}/map/over", "must be a list or a reference to one"


def unknown_references(value: Any, before: set[str], at: str) -> Flaws:
    """References in a value that cannot be read, or to others than these tasks."""
    try:
        for where, reference in find(value, at):
            if reference.slug not in before:
                yield f"{where}/{FROM}", "is no task that ends before"
    except InvalidReference as error:
        yield error.at, str(error)


def flaws_inside(value: dict[str, Any], at: str, depth: int) -> Flaws:
    """What is wrong with a graph in the graph."""
    if depth > DEEPEST:
        yield at, f"is more than {DEEPEST} graphs deep"
        return
    found = field_errors(GRAPH, value, at)
    yield from ((one.field_, one.message) for one in found)
    if not found:
        yield from flaws(msgspec.convert(value, NewGraph), at, depth)


def tasks_of(graph: NewGraph) -> list[NewTask]:
    """The tasks as the engine takes them."""
    return [task_of(task, place) for place, task in enumerate(graph.tasks)]


def task_of(task: NewGraphTask, place: int) -> NewTask:
    """One task as the engine takes it."""
    wait, kind, graph = given(task.wait), given(task.kind), given(task.graph)
    if wait is not None:
        return placed(task, place, kind=WAIT, form="wait", definition=wait_of(wait))
    if graph is not None:
        inner = {"graph": {"$literal": graph}, "input": given(task.input) or {}}
        return placed(
            task, place, kind=RUN, form="run", **prepared({"kind": "graph", "input": inner})
        )
    if given(task.map):
        return mapped(task, place)
    if kind not in job_kinds.BUILT:
        started = {"kind": "job", "input": job_of(task)}
        return placed(task, place, kind=RUN, form="run", **prepared(started))
    queued = work_of(task)
    return placed(task, place, kind=f"job.{kind}", **queued, **prepared(given(task.input) or {}))


def placed(task: NewGraphTask, place: int, **fields: Any) -> NewTask:
    """A task with its place among the others."""
    when = given(task.when)
    condition = None if when in (None, TaskCondition.all_succeeded) else str(when)
    return NewTask(
        key=task.slug,
        slug=task.slug,
        after=given(task.depends_on) or [],
        sequence=place,
        condition=condition,  # type: ignore[arg-type]
        **{"queue": OWN_QUEUE} | fields,
    )


def prepared(definition: Any) -> dict[str, Any]:
    """A definition with its references, or without marks if it has none."""
    refs = references(definition)
    if refs:
        return {"definition": definition, "refs": refs}
    return {"definition": resolve(definition, [], [])}


def work_of(task: NewGraphTask) -> dict[str, Any]:
    """Where a task is queued, and how it is treated."""
    options = options_of(task)
    timeout = given(task.timeout_seconds)
    treated: TaskOptions = task_options(options)
    return {
        "queue": given(task.queue) or DEFAULT_QUEUE,
        "priority": options.priority,
        "max_attempts": given(options.retry.max_attempts) or 3,
        "options": msgspec.structs.replace(treated, timeout_s=timeout),
    }


def options_of(task: NewGraphTask) -> JobOptions:
    """A task's options as those of a job."""
    options = JobOptions(
        priority=given(task.priority) or 0, timeout_seconds=given(task.timeout_seconds)
    )
    retry = given(task.retry)
    return msgspec.structs.replace(options, retry=retry) if retry else options


def job_of(task: NewGraphTask) -> dict[str, Any]:
    """A job that others do, in the form of the engine's `NewRun`."""
    work = work_of(task)
    return {
        "kind": "job",
        "name": given(task.kind),
        "input": given(task.input) or {},
        "trigger": "graph",
        "options": msgspec.to_builtins(options_of(task)),
        "queue": work["queue"],
        "priority": work["priority"],
        "max_attempts": work["max_attempts"],
        "task_options": msgspec.to_builtins(work["options"]),
        "timeout_s": given(task.timeout_seconds),
    }


def mapped(task: NewGraphTask, place: int) -> NewTask:
    """A map as the engine takes it."""
    given_map, template = given(task.map), given(task.input) or {}
    assert given_map is not None
    definition = {
        "over": given_map.over,
        "kind": f"job.{given(task.kind)}",
        "input": template,
        "at_once": given(given_map.concurrency) or MOST_ITEMS,
        **work_of(task),
    }
    return placed(
        task,
        place,
        kind=MAP,
        form="map",
        definition=definition,
        refs=some(references(given_map.over)),
        item_refs=some(references(template)),
    )


def some(refs: list[Reference]) -> list[Reference] | None:
    """References, or that there are none."""
    return refs or None


def wait_of(wait: GraphWait) -> dict[str, Any]:
    """A wait as the engine takes it."""
    return {
        "reason": str(wait.for_),
        "at": given(wait.until),
        "seconds": given(wait.seconds),
        "name": given(wait.name),
        "by": given(wait.answerers),
        "otherwise": [] if wait.otherwise is UNSET else [wait.otherwise],
        "about": given(wait.question),
    }


def plan_of(graph: NewGraph) -> GraphPlan:
    """What would be done, level by level."""
    levels: dict[str, int] = {}
    tasks: list[PlannedTask] = []
    for task in in_order(graph):
        after = given(task.depends_on) or []
        levels[task.slug] = max((levels[slug] + 1 for slug in after), default=0)
        tasks.append(
            PlannedTask(
                slug=task.slug,
                level=levels[task.slug],
                width=width_of(task),
                action=action_of(task),  # type: ignore[arg-type]
            )
        )
    tasks.sort(key=lambda task: task.level)
    count = 1 + max(levels.values())
    wide = [
        sum(1 if t.width is None else t.width for t in tasks if t.level == n) for n in range(count)
    ]
    return GraphPlan(tasks=tasks, levels=count, widest=max(wide))


def width_of(task: NewGraphTask) -> int | None:
    """How many are done at once for a task; None while nobody knows."""
    mapped = given(task.map)
    if not mapped:
        return 1
    if not isinstance(mapped.over, list):
        return None
    return min(len(mapped.over), given(mapped.concurrency) or MOST_ITEMS)


def action_of(task: NewGraphTask) -> str:
    """What becomes of a task."""
    forms = {"wait": task.wait, "map": task.map, "graph": task.graph}
    return next((name for name, value in forms.items() if value is not UNSET), "run")
