"""What someone outside does to one task of a live run."""

import asyncio

import pytest

from services.engine.claim import LeaseLost, TaskContext, TaskRow
from services.engine.graph.steering import (
    Hindered,
    NotAllowed,
    NotThere,
    Refused,
    TooManySignals,
    answer,
    cancel_task,
    retry_task,
    signal,
)
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from tests.engine.conftest import Lab, effect, new, until
from tests.engine.test_graph_forms import a_map, a_map_of_runs, a_run, a_wait, result
from tests.engine.test_leases import holding


def task_id(lab: Lab, run: str, slug: str) -> str:
    """The id of a task."""
    found = lab.rows("SELECT id FROM task WHERE run_id = %s AND slug = %s", run, slug)
    return str(found[0][0])


async def cancelled(lab: Lab, run: str, slug: str) -> None:
    """Cancel one task."""
    async with lab.ctx.transaction() as tx:
        await cancel_task(tx, lab.kinds, run, task_id(lab, run, slug))


async def retried(lab: Lab, run: str, slug: str) -> None:
    """Retry one task."""
    async with lab.ctx.transaction() as tx:
        await retry_task(tx, lab.kinds, run, task_id(lab, run, slug))


async def answered(lab: Lab, run: str, slug: str, by: str, given: object) -> None:
    """Answer one task."""
    async with lab.ctx.transaction() as tx:
        await answer(tx, lab.kinds, run, task_id(lab, run, slug), by, given)


async def test_an_answer_counts_once_and_only_from_whom_it_is_asked(lab: Lab) -> None:
    run = await lab.start(a_wait("w", reason="answer", by=["key_a"]), new("after", "w"))
    with pytest.raises(NotAllowed):
        await answered(lab, run, "w", "key_b", 1)
    tries = [answered(lab, run, "w", "key_a", {"yes": n}) for n in range(10)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType"] + ["Refused"] * 9
    assert await lab.work_through(run) == "succeeded"
    assert result(lab, run, "w") in [{"yes": n} for n in range(10)]


async def test_a_cancelled_task_loses_its_worker_and_what_needs_it(lab: Lab) -> None:
    async def endless(ctx: TaskContext, task: TaskRow) -> Completion:
        await asyncio.sleep(60)
        return Completion(record=effect("too late"))

    lab.does["a"] = endless
    run = await lab.start(new("a"), new("b", "a"), new("c"), new("d", "c"))
    async with lab.working():
        await until(lambda: lab.statuses(run)["a"] == "running")
        await cancelled(lab, run, "a")
        assert await lab.finish(run) == "succeeded"
    assert list(map(lab.statuses(run).get, "abcd")) == [
        "cancelled",
        "skipped",
        "succeeded",
        "succeeded",
    ]
    with pytest.raises(Refused):
        await cancelled(lab, run, "c")


async def test_a_cancelled_map_or_sub_run_takes_all_that_is_in_it(lab: Lab) -> None:
    lab.graphs = {"inner": [a_wait("w", seconds=60)]}
    run = await lab.start(a_map("m", list(range(50)), at_once=3), a_run("r", "inner"))
    with pytest.raises(Hindered, match="turn of this item has not come"):
        await cancelled(lab, run, "m-40")
    await cancelled(lab, run, "m")
    await cancelled(lab, run, "r")
    assert set(lab.statuses(run).values()) == {"cancelled"}
    assert dict(lab.rows("SELECT status, count(*) FROM run GROUP BY 1")) == {
        "succeeded": 1,
        "cancelled": 1,
    }
    assert lab.rows("SELECT 1 FROM ready") == []


async def test_a_failed_task_is_done_again_with_what_was_skipped_for_it(lab: Lab) -> None:
    broken = True

    async def fickle(ctx: TaskContext, task: TaskRow) -> Completion:
        if broken:
            raise TaskFailed("BROKEN", "broken")
        return Completion(result=1)

    lab.does["a"] = fickle
    run = await lab.start(
        new("a"),
        new("b", "a"),
        new("any", "b", condition="any_succeeded"),
        new("end", "any", "w", condition="all_ended"),
        a_wait("w", reason="answer"),
        goes_on=True,
    )
    async with lab.working():
        await until(lambda: lab.statuses(run)["any"] == "skipped")
        broken = False
        await retried(lab, run, "a")
        assert lab.statuses(run)["end"] == "pending"
        await until(lambda: lab.statuses(run)["any"] == "succeeded")
        await answered(lab, run, "w", "key_a", "go")
        assert await lab.finish(run) == "succeeded"
    assert set(lab.statuses(run).values()) == {"succeeded"}
    assert lab.said(run).count("task.reopened b") == 1


async def test_of_a_failed_map_only_the_items_are_done_again_that_failed(lab: Lab) -> None:
    broken = True

    async def fickle(ctx: TaskContext, task: TaskRow) -> Completion:
        if broken:
            raise TaskFailed("BROKEN", "broken")
        return Completion(result="now")

    lab.does["m-1"] = fickle
    run = await lab.start(
        a_map("m", [1, 2, 3]), new("b", "m"), a_wait("w", reason="answer"), goes_on=True
    )
    async with lab.working():
        await until(lambda: lab.statuses(run)["b"] == "skipped")
        broken = False
        with pytest.raises(Hindered, match="map of this item is failed; retry the map"):
            await retried(lab, run, "m-1")
        await retried(lab, run, "m")
        await until(lambda: lab.statuses(run)["b"] == "succeeded")
        await answered(lab, run, "w", "key_a", "go")
        assert await lab.finish(run) == "succeeded"
    assert result(lab, run, "m") == [None, "now", None]
    assert lab.said(run).count("task.started m-0") == 1


async def test_a_map_whose_results_are_too_large_is_again_too_large_when_it_is_done_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def large(ctx: TaskContext, task: TaskRow) -> Completion:
        return Completion(result="x" * 100)

    monkeypatch.setattr("services.engine.graph.mapping.MOST_MAP_BYTES", 150)
    lab.does = {"m-0": large, "m-1": large}
    run = await lab.start(a_map("m", [1, 2]), a_wait("w", reason="answer"), goes_on=True)
    async with lab.working():
        await until(lambda: lab.statuses(run)["m"] == "failed")
    await retried(lab, run, "m")
    assert lab.task("m")[2]["code"] == "RESULT_TOO_LARGE"


async def test_nothing_can_be_sent_to_a_run_that_has_ended(lab: Lab) -> None:
    run = await lab.start(new("a"))
    assert await lab.work_through(run) == "succeeded"
    async with lab.ctx.transaction() as tx:
        with pytest.raises(Refused):
            await signal(tx, lab.kinds, run, "x", None)
        with pytest.raises(NotThere):
            await signal(tx, lab.kinds, "run_00000000000000000000000000", "x", None)


async def test_only_so_many_signals_are_kept_for_later(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.engine.graph.steering.MOST_SIGNALS", 2)
    run = await lab.start(a_wait("w", reason="answer"))
    async with lab.ctx.transaction() as tx:
        for _ in range(2):
            assert not await signal(tx, lab.kinds, run, "x", {})
        with pytest.raises(TooManySignals):
            await signal(tx, lab.kinds, run, "x", {})


async def test_a_task_that_is_done_again_waits_for_what_it_depends_on(lab: Lab) -> None:
    run = await lab.start(
        a_wait("w", reason="answer"),
        new("done"),
        new("b", "done", "w"),
        new("any", "done", "w", condition="any_succeeded"),
        a_map("m", [1, 2], "w"),
        goes_on=True,
    )
    async with lab.working():
        await until(lambda: lab.statuses(run)["any"] == "succeeded")
        for slug in ("b", "m"):
            await cancelled(lab, run, slug)
            await retried(lab, run, slug)
        await asyncio.sleep(0.3)
        assert [lab.statuses(run)[slug] for slug in ("b", "m")] == ["pending", "pending"]
        await answered(lab, run, "w", "key_a", "go")
        assert await lab.finish(run) == "succeeded"
    assert set(lab.statuses(run).values()) == {"succeeded"}
    said = lab.said(run)
    assert said.index("task.answered w") < said.index("task.started b")


async def test_a_worker_of_an_items_first_round_cannot_write_in_its_second(lab: Lab) -> None:
    run = await lab.start(a_map("m", [1]), a_wait("w", reason="answer"), goes_on=True)
    [stale] = await lab.claim("wrk_stale", 1, 30.0)
    await cancelled(lab, run, "m")
    await retried(lab, run, "m")
    [fresh] = await lab.claim("wrk_fresh", 1, 30.0)
    assert fresh.task_id == stale.task_id
    with pytest.raises(LeaseLost):
        async with holding(lab, stale).transaction() as tx:
            await effect("stale")(tx)


async def test_a_task_that_wants_one_success_and_has_it_begins_again_at_once(lab: Lab) -> None:
    waits = [a_wait(slug, reason="answer") for slug in ("w", "x")]
    run = await lab.start(*waits, new("any", "w", "x", condition="any_succeeded"), goes_on=True)
    await answered(lab, run, "w", "key_a", "go")
    await cancelled(lab, run, "any")
    await retried(lab, run, "any")
    async with lab.working():
        await until(lambda: lab.statuses(run)["any"] == "succeeded")
    assert lab.statuses(run)["x"] == "waiting"


async def test_a_task_that_can_never_begin_is_skipped_when_it_is_done_again(lab: Lab) -> None:
    run = await lab.start(
        a_wait("w", reason="answer"),
        a_wait("x", reason="answer"),
        new("b", "w"),
        new("any", "b", "x", condition="any_succeeded"),
        new("end", "b", "x", condition="all_ended"),
    )
    await cancelled(lab, run, "b")
    await cancelled(lab, run, "w")
    await retried(lab, run, "b")
    states = lab.statuses(run)
    assert [states[slug] for slug in ("b", "any", "end")] == ["skipped", "pending", "pending"]
    await retried(lab, run, "w")
    assert lab.statuses(run)["b"] == "pending"
    await answered(lab, run, "w", "key_a", "go")
    await cancelled(lab, run, "x")
    assert await lab.work_through(run) == "succeeded"
    assert [lab.statuses(run)[slug] for slug in ("b", "any", "end")] == ["succeeded"] * 3


async def test_a_map_that_had_begun_waits_for_what_is_done_again_before_it(lab: Lab) -> None:
    first, last = (a_wait(slug, reason="answer") for slug in ("w", "x"))
    mapped = a_map("m", [1, 2], "w")
    mapped.condition = "all_ended"
    run = await lab.start(first, last, mapped)
    for slug in ("w", "m"):
        await cancelled(lab, run, slug)
    for slug in ("w", "m"):
        await retried(lab, run, slug)
    assert [lab.statuses(run)[slug] for slug in ("m", "m-0", "m-1")] == ["pending"] * 3
    for slug in ("w", "x"):
        await answered(lab, run, slug, "key_a", "go")
    assert await lab.work_through(run) == "succeeded"
    assert set(lab.statuses(run).values()) == {"succeeded"}


@pytest.mark.parametrize("form", ["run", None])
async def test_of_a_map_that_is_done_again_no_more_items_run_at_once_than_may(
    lab: Lab, form: str | None
) -> None:
    lab.graphs = {"inner": [new("in")]}
    make = a_map_of_runs if form else a_map
    keep = a_wait("w", reason="answer")
    run = await lab.start(keep, make("m", ["inner"] * 9, at_once=2), goes_on=True)
    for slug in ("m-1", "m"):
        await cancelled(lab, run, slug)
    await retried(lab, run, "m")
    free = "SELECT slug FROM task JOIN ready ON task_id = id WHERE parent_id IS NOT NULL ORDER BY 1"
    assert lab.rows(free) == [("m-0",), ("m-1",)]
    await cancelled(lab, run, "m-0")
    assert lab.rows(free) == [("m-1",), ("m-2",)]
    async with lab.working():
        await until(lambda: lab.statuses(run)["m"] == "failed")
        await retried(lab, run, "m")
        await until(lambda: lab.statuses(run)["m"] == "succeeded")
    assert result(lab, run, "m") == [None] * 9


async def test_items_that_are_done_again_have_turns_of_their_own_and_results_in_order(
    lab: Lab,
) -> None:
    broken = True
    inside, most = 0, 0

    async def fickle(ctx: TaskContext, task: TaskRow) -> Completion:
        nonlocal inside, most
        if broken and task.slug != "m-2":
            raise TaskFailed("BROKEN", "broken")
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.02)
        inside -= 1
        return Completion(result=task.slug)

    lab.does = {f"m-{n}": fickle for n in range(12)}
    keep = a_wait("w", reason="answer")
    run = await lab.start(keep, a_map("m", list(range(12)), at_once=2), goes_on=True)
    async with lab.working():
        await until(lambda: lab.statuses(run)["m"] == "failed")
        broken = False
        await retried(lab, run, "m")
        await until(lambda: lab.statuses(run)["m"] == "succeeded")
    assert (most, result(lab, run, "m")) == (2, [f"m-{n}" for n in range(12)])
    assert lab.said(run).count("task.started m-2") == 1
