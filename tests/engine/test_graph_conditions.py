"""When a task runs, what is skipped, and how a run ends that goes on after failures."""

import random
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest

from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from tests.engine.conftest import Lab, new

CONDITIONS = [None, "any_succeeded", "all_ended"]


async def fail(ctx: TaskContext, task: TaskRow) -> Completion:
    """A function that only fails."""
    raise TaskFailed("BROKEN", f"{task.slug} is broken")


async def test_what_waits_for_a_failed_task_is_skipped_and_the_rest_goes_on(lab: Lab) -> None:
    lab.does["a"] = fail
    run = await lab.start(
        new("a"), new("b", "a"), new("c", "b"), new("x"), new("y", "x"), goes_on=True
    )
    assert await lab.work_through(run) == "failed"
    assert lab.statuses(run) == {
        "a": "failed",
        "b": "skipped",
        "c": "skipped",
        "x": "succeeded",
        "y": "succeeded",
    }
    assert lab.run(run)[2] == {"code": "BROKEN", "message": "a is broken"}
    skipped = [e.slug for e in lab.events(run) if e.payload == {"status": "skipped"}]
    assert sorted(skipped) == ["b", "c"]
    assert lab.rows("SELECT open_tasks FROM run") == [(0,)]


async def test_a_run_that_does_not_go_on_ends_with_its_first_failure(lab: Lab) -> None:
    lab.does["a"] = fail
    run = await lab.start(new("a"), new("b", "a"), new("always", "a", condition="all_ended"))
    assert await lab.work_through(run) == "failed"
    assert lab.statuses(run) == {"a": "failed", "b": "cancelled", "always": "cancelled"}


async def test_a_task_that_runs_always_begins_when_all_have_ended_and_takes_care(lab: Lab) -> None:
    lab.does["a"] = fail
    always = new("always", "a", "b", "c", condition="all_ended")
    run = await lab.start(new("a"), new("b"), new("c", "a"), always, goes_on=True)
    assert await lab.work_through(run) == "succeeded"
    assert lab.statuses(run)["c"] == "skipped"
    said = lab.said(run)
    for slug in "abc":
        assert said.index(f"task.completed {slug}") < said.index("task.started always")


async def test_a_failure_is_not_taken_care_of_by_a_task_that_fails_itself(lab: Lab) -> None:
    lab.does = {"a": fail, "always": fail}
    run = await lab.start(new("a"), new("always", "a", condition="all_ended"), goes_on=True)
    assert await lab.work_through(run) == "failed"
    assert lab.run(run)[2]["message"] == "a is broken"


async def test_a_task_that_needs_any_begins_once_with_the_first_success(lab: Lab) -> None:
    lab.does["a"] = fail
    any_of = new("any", "a", "b", "c", condition="any_succeeded")
    run = await lab.start(new("a"), new("b", "a"), new("c"), any_of, new("d", "any"), goes_on=True)
    assert await lab.work_through(run) == "succeeded"
    assert lab.statuses(run)["any"] == lab.statuses(run)["d"] == "succeeded"
    assert lab.said(run).count("task.started any") == 1


async def test_a_task_that_needs_any_is_skipped_after_the_last_failure(lab: Lab) -> None:
    lab.does = {"a": fail, "b": fail}
    any_of = new("any", "a", "b", condition="any_succeeded")
    last = new("last", "d", condition="all_ended")
    run = await lab.start(new("a"), new("b"), any_of, new("d", "any"), last, goes_on=True)
    assert await lab.work_through(run) == "failed"
    assert lab.statuses(run) == {
        "a": "failed",
        "b": "failed",
        "any": "skipped",
        "d": "skipped",
        "last": "succeeded",
    }


async def test_ten_thousand_dependents_are_skipped_at_once(lab: Lab) -> None:
    lab.does["a"] = fail
    wide = (new(f"w{n}", "a", sequence=n + 2) for n in range(1000))
    deep = (new(f"d{n}", f"d{n - 1}" if n else "a", sequence=n + 2000) for n in range(1000))
    run = await lab.start(new("a", sequence=1), *wide, *deep, goes_on=True)
    assert await lab.work_through(run) == "failed"
    assert lab.rows("SELECT status, count(*) FROM task GROUP BY 1 ORDER BY 1") == [
        ("failed", 1),
        ("skipped", 2000),
    ]
    assert len(lab.events(run)) == 1 + 2001 + 1


def outcomes(graph: dict[str, tuple[str | None, list[str]]], failing: set[str]) -> Iterator[Any]:
    """What the rules say of each task: a model of a few lines."""
    known: dict[str, str] = {}
    for slug in TopologicalSorter(
        {name: after for name, (_, after) in graph.items()}
    ).static_order():
        condition, after = graph[slug]
        succeeded = [known[one] == "succeeded" for one in after]
        runs = {None: all(succeeded), "any_succeeded": any(succeeded) or not after}.get(
            condition, True
        )
        known[slug] = ("failed" if slug in failing else "succeeded") if runs else "skipped"
        yield slug, known[slug]


@pytest.mark.parametrize("seed", range(12))
async def test_random_graphs_end_as_the_rules_say(lab: Lab, seed: int) -> None:
    dice = random.Random(seed)
    names = [f"t{n}" for n in range(30)]
    graph = {
        name: (
            dice.choice(CONDITIONS),
            dice.sample(names[:n], min(n, dice.randint(0, 3))),
        )
        for n, name in enumerate(names)
    }
    failing = set(dice.sample(names, 8))
    lab.does = dict.fromkeys(failing, fail)
    tasks = (
        new(slug, *after, condition=condition, sequence=n)
        for n, (slug, (condition, after)) in enumerate(graph.items())
    )
    run = await lab.start(*tasks, goes_on=True)
    status = await lab.work_through(run)
    expected = dict(outcomes(graph, failing))
    assert lab.statuses(run) == expected
    handled = {
        before
        for slug, (condition, after) in graph.items()
        for before in after
        if condition and expected[slug] == "succeeded"
    }
    left = {slug for slug in expected if expected[slug] == "failed"} - handled
    assert status == ("failed" if left else "succeeded")
    assert lab.rows("SELECT 1 FROM ready") == []
