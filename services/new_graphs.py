"""From what a caller asks for to what the engine takes: the tasks of a graph that was checked."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET

from generated.models import (
    GraphPlan,
    GraphWait,
    NewGraph,
    NewGraphTask,
    PlannedTask,
    TaskCondition,
)
from services import job_kinds
from services.engine.enqueue import DEFAULT_QUEUE
from services.engine.graph.adding import NewTask
from services.engine.graph.forms import MOST_ITEMS
from services.engine.graph.mapping import MOST_RUNS
from services.engine.graph.waits import MAP, RUN, WAIT
from services.engine.lanes import OWN_QUEUE, Lane
from services.engine.references import MOST_BYTES, Budget, Reference, references, resolve
from services.engine.retry import TaskFailed, TaskOptions
from services.graph_checks import all_tasks, in_order
from services.new_jobs import JobOptions, given, task_options


def tasks_of(graph: NewGraph) -> list[NewTask]:
    """The tasks as the engine takes them."""
    return [task_of(task, place) for place, task in enumerate(graph.tasks)]


def flaws_of_size(graph: NewGraph) -> Iterator[tuple[str, str]]:
    """Tasks whose whole input is known, and more than the engine begins a run with, by pointer.

    What fits into a body can be too much: numbers are written longer than they came.
    """
    if len(msgspec.json.encode(graph)) < MOST_BYTES // 2:
        return
    for place, task in enumerate(graph.tasks):
        run = None if given(task.map) or given(task.wait) else run_of(task)
        if run is None or references(run):
            continue
        try:
            Budget().spend(resolve(run["input"], [], []))
        except TaskFailed:
            part = "input" if given(task.graph) is None else "graph"
            yield f"/tasks/{place}/{part}", f"has more than {MOST_BYTES} bytes as it is written"


def task_of(task: NewGraphTask, place: int) -> NewTask:
    """One task as the engine takes it."""
    wait = given(task.wait)
    if wait is not None:
        return placed(task, place, kind=WAIT, form="wait", definition=wait_of(wait))
    if given(task.map):
        return mapped(task, place)
    run = run_of(task)
    if run is not None:
        return placed(task, place, kind=RUN, form="run", **prepared(run))
    kind, queued = f"job.{given(task.kind)}", work_of(task)
    return placed(task, place, kind=kind, **queued, **prepared(given(task.input) or {}))


def run_of(task: NewGraphTask) -> dict[str, Any] | None:
    """The run that a task stands for, if it does: a graph, or a job that others do."""
    if given(task.graph) is not None:
        inner = {"graph": {"$literal": given(task.graph)}, "input": given(task.input) or {}}
        return {"kind": "graph", "input": inner}
    if given(task.kind) not in job_kinds.BUILT:
        return {"kind": "job", "input": job_of(task)}
    return None


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


def lanes_of(graph: NewGraph, tenant_id: str) -> list[Lane]:
    """Where the jobs of a graph will wait, those of graphs in it too."""
    works = {
        (f"job.{given(task.kind)}", work["queue"], work["priority"])
        for _, task in all_tasks(graph, "")
        if given(task.kind)
        for work in [work_of(task)]
    }
    return [Lane(tenant_id, queue, kind, priority) for kind, queue, priority in works]


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
    given_map, run = given(task.map), run_of(task)
    assert given_map is not None
    each: dict[str, Any] = {"kind": RUN, "form": "run", "input": run}
    if run is None:
        kind = f"job.{given(task.kind)}"
        each = {"kind": kind, "input": given(task.input) or {}, **work_of(task)}
    definition = {
        "over": given_map.over,
        "at_once": given(given_map.concurrency) or MOST_ITEMS,
        **each,
    }
    return placed(
        task,
        place,
        kind=MAP,
        form="map",
        definition=definition,
        refs=some(references(given_map.over)),
        item_refs=some(references(each["input"])),
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
    most = MOST_ITEMS if run_of(task) is None else MOST_RUNS
    return min(len(mapped.over), given(mapped.concurrency) or most, most)


def action_of(task: NewGraphTask) -> str:
    """What becomes of a task."""
    forms = {"wait": task.wait, "map": task.map, "graph": task.graph}
    return next((name for name, value in forms.items() if value is not UNSET), "run")
