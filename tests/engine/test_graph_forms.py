"""Maps, waits and sub-runs: opened by the engine, ended by what they stand for."""

import asyncio
import time
from typing import Any

import msgspec
import pytest

from services.engine import worker
from services.engine.claim import TaskContext, TaskRow
from services.engine.graph.adding import NewTask
from services.engine.graph.steering import retry_task, signal
from services.engine.kind import Completion
from services.engine.references import references
from services.engine.retry import TaskFailed
from tests.engine.conftest import Lab, new, until


def a_map(slug: str, over: Any, *after: str, **given: Any) -> NewTask:
    """A map that does `test.do` for each item."""
    definition = {"over": over, "kind": "test.do", "input": {"$item": ""}} | given
    refs = references(over) or None
    return new(
        slug, *after, kind="engine.map", form="map", definition=definition, refs=refs,
        item_refs=references(definition["input"]) or None,
    )  # fmt: skip


def a_wait(slug: str, *after: str, reason: str = "timer", **given: Any) -> NewTask:
    """A wait."""
    definition = {"reason": reason} | given
    return new(slug, *after, kind="engine.wait", form="wait", definition=definition)


def a_run(slug: str, graph: str, *after: str) -> NewTask:
    """A sub-run of one of the laboratory's graphs."""
    definition = {"kind": "test", "input": {"graph": graph}}
    return new(slug, *after, kind="engine.run", form="run", definition=definition)


def a_map_of_runs(slug: str, graphs: list[str], *after: str, **given: Any) -> NewTask:
    """A map that starts one of the laboratory's graphs for each name."""
    template = {"kind": "test", "input": {"graph": {"$item": ""}}}
    return a_map(slug, graphs, *after, kind="engine.run", form="run", input=template, **given)


async def echo(ctx: TaskContext, task: TaskRow) -> Completion:
    """A function that gives back what it is given."""
    return Completion(result=msgspec.json.decode(task.definition))


def result(lab: Lab, run: str, slug: str) -> Any:
    """What a task came to."""
    return lab.rows("SELECT result FROM task WHERE run_id = %s AND slug = %s", run, slug)[0][0]


async def listed(ctx: TaskContext, task: TaskRow) -> Completion:
    """A function whose result has a list in it."""
    return Completion(result={"pages": [{"n": n} for n in range(25)]})


class Everything(dict[str, Any]):
    """The same function for every slug, but for some."""

    def __missing__(self, key: str) -> Any:
        return echo

    def get(self, key: str, default: Any = None) -> Any:
        """The function for a slug."""
        return self[key]


async def test_a_map_does_each_item_of_a_result_and_gathers_the_results_in_order(lab: Lab) -> None:
    lab.does = Everything(list=listed)
    pages = a_map("m", {"$from": "list", "pointer": "/pages"}, "list", input={"$item": "/n"})
    both = new("last", "m", definition={"all": {"$from": "m"}}, refs=references({"$from": "m"}))
    run = await lab.start(new("list"), pages, both)
    assert await lab.work_through(run) == "succeeded"
    assert result(lab, run, "m") == list(range(25))
    assert result(lab, run, "last") == {"all": list(range(25))}
    assert lab.statuses(run)["m-24"] == "succeeded"
    assert lab.rows("SELECT open_tasks FROM run") == [(0,)]


async def test_an_empty_map_ends_at_once(lab: Lab) -> None:
    run = await lab.start(a_map("m", []), new("after", "m"))
    assert await lab.work_through(run) == "succeeded"
    assert result(lab, run, "m") == []


async def test_no_more_items_run_at_once_than_may(lab: Lab) -> None:
    inside, most = 0, 0

    async def count(ctx: TaskContext, task: TaskRow) -> Completion:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.01)
        inside -= 1
        return Completion(result=1)

    lab.does = Everything({f"m-{n}": count for n in range(20)})
    run = await lab.start(a_map("m", list(range(20)), at_once=2))
    assert await lab.work_through(run) == "succeeded"
    assert (most, result(lab, run, "m")) == (2, [1] * 20)


async def test_the_end_of_an_item_reads_few_of_the_others(lab: Lab) -> None:
    lab.does = Everything()
    run = await lab.start(a_map("m", list(range(500)), at_once=5))
    assert await lab.work_through(run) == "succeeded"
    await asyncio.sleep(1.5)  # sessions tell what they have read once a second
    [(read,)] = lab.rows(
        "SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'task_kept'"
    )
    assert read < 500 * 20, "each end has walked over the whole map"


async def test_a_map_fails_with_an_item_and_keeps_what_the_others_came_to(lab: Lab) -> None:
    async def odd(ctx: TaskContext, task: TaskRow) -> Completion:
        raise TaskFailed("ODD", "odd")

    lab.does = Everything({"m-1": odd})
    given = [{"$from": "m"}, {"$from": "m", "of": "status"}, {"$from": "m", "pointer": "/9"}]
    after = new("after", "m", condition="all_ended", definition=given, refs=references(given))
    run = await lab.start(a_map("m", ["a", "b", "c"]), after, goes_on=True)
    assert await lab.work_through(run) == "succeeded"
    assert result(lab, run, "after") == [["a", None, "c"], "failed", None]


async def test_what_is_no_list_fails_the_map(lab: Lab) -> None:
    lab.does = Everything()
    given = new("a", definition={"n": 1})
    run = await lab.start(given, a_map("m", {"$from": "a"}, "a"), goes_on=True)
    assert await lab.work_through(run) == "failed"
    assert lab.run(run)[2]["code"] == "NOT_A_LIST"


async def test_what_looks_like_a_reference_in_an_item_is_data(lab: Lab) -> None:
    lab.does = Everything()
    evil = [{"$from": "secret"}, "{{7*7}}", {"$literal": 1}, {"$item": ""}]
    secret = new("secret", definition="s3cret")
    template = {"item": {"$item": ""}, "known": {"$from": "secret"}}
    source = new("source", "secret", definition=evil)
    run = await lab.start(secret, source, a_map("m", {"$from": "source"}, "source", input=template))
    assert await lab.work_through(run) == "succeeded"
    assert [one["item"] for one in result(lab, run, "m")] == evil
    assert {one["known"] for one in result(lab, run, "m")} == {"s3cret"}


async def test_a_timer_ends_when_it_is_time_and_holds_no_slot(lab: Lab) -> None:
    run = await lab.start(a_wait("t", seconds=0.5), new("after", "t"))
    began = time.monotonic()
    async with lab.working():
        await until(lambda: lab.statuses(run)["t"] == "waiting")
        assert lab.rows("SELECT 1 FROM ready WHERE lease_until IS NOT NULL") == []
        assert await lab.finish(run) == "succeeded"
    assert 0.4 < time.monotonic() - began < 5


async def test_a_signal_ends_one_wait_whether_it_comes_before_or_after_it(lab: Lab) -> None:
    async def send(payload: Any) -> bool:
        async with lab.ctx.transaction() as tx:
            return await signal(tx, lab.kinds, run, "paid", payload)

    first, second = (
        a_wait(s, *a, reason="signal", name="paid") for s, a in (("s1", ()), ("s2", ("a",)))
    )
    run = await lab.start(first, new("a", "s1"), second, new("end", "s2"))
    assert await asyncio.gather(send({"n": 1}), send({"n": 2})) in ([True, False], [False, True])
    assert await lab.work_through(run) == "succeeded"
    results = [result(lab, run, slug)["n"] for slug in ("s1", "s2")]
    assert sorted(results) == [1, 2]
    assert lab.rows("SELECT 1 FROM signal") == []


async def test_a_wait_in_vain_fails_or_has_the_result_that_was_agreed(lab: Lab) -> None:
    vain = a_wait("vain", reason="signal", name="x", seconds=0.1)
    agreed = a_wait("agreed", reason="answer", seconds=0.1, otherwise=["no"])
    run = await lab.start(vain, agreed, goes_on=True)
    assert await lab.work_through(run) == "failed"
    assert result(lab, run, "agreed") == "no"
    assert lab.run(run)[2]["code"] == "WAIT_TIMED_OUT"


async def test_a_task_ends_as_its_sub_run_does(lab: Lab) -> None:
    async def bad(ctx: TaskContext, task: TaskRow) -> Completion:
        raise TaskFailed("BAD", "bad")

    lab.does = {"bad": bad}
    lab.graphs = {"good": [new("x"), new("y", "x")], "bad": [new("bad")]}
    run = await lab.start(a_run("g", "good"), a_run("b", "bad", "g"), goes_on=True)
    assert await lab.work_through(run) == "failed"
    assert lab.statuses(run) == {"g": "succeeded", "b": "failed"}
    assert lab.run(run)[2]["code"] == "BAD"


async def test_each_item_of_a_map_can_be_a_run_and_no_more_are_begun_at_once_than_may(
    lab: Lab,
) -> None:
    inside, most = 0, 0

    async def count(ctx: TaskContext, task: TaskRow) -> Completion:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.02)
        inside -= 1
        return Completion()

    lab.does = {"x": count}
    lab.graphs = {"one": [new("x")]}
    run = await lab.start(a_map_of_runs("m", ["one"] * 9, at_once=2), new("after", "m"))
    assert lab.rows("SELECT count(*) FROM run WHERE parent_id = %s", run) == [(2,)]
    assert await lab.work_through(run) == "succeeded"
    assert (most, lab.rows("SELECT count(*) FROM run WHERE parent_id = %s", run)) == (2, [(9,)])
    assert lab.rows("SELECT open_tasks FROM run WHERE id = %s", run) == [(0,)]


async def test_an_item_whose_run_cannot_be_started_fails_alone_and_can_be_done_again(
    lab: Lab,
) -> None:
    lab.graphs = {"one": [new("x")]}
    items = a_map_of_runs("m", ["one", "none", "one"])
    run = await lab.start(items, a_wait("w", reason="answer"), goes_on=True)
    async with lab.working():
        await until(lambda: lab.statuses(run)["m"] == "failed")
        assert lab.statuses(run)["m-1"] == "failed"
        assert lab.statuses(run)["m-2"] == "succeeded"
        lab.graphs["none"] = [new("y")]
        [(again,)] = lab.rows("SELECT id FROM task WHERE slug = 'm'")
        async with lab.ctx.transaction() as tx:
            await retry_task(tx, lab.kinds, run, again)
        await until(lambda: lab.statuses(run)["m"] == "succeeded")
    assert lab.rows("SELECT count(*) FROM run WHERE parent_id = %s", run) == [(3,)]


async def test_a_cancelled_map_takes_the_runs_of_its_items_with_it(lab: Lab) -> None:
    lab.graphs = {"inner": [a_wait("w", seconds=60)]}
    run = await lab.start(a_map_of_runs("m", ["inner"] * 5, at_once=3))
    assert await lab.cancel(run)
    assert lab.rows("SELECT status, count(*) FROM run GROUP BY status") == [("cancelled", 4)]
    assert lab.rows("SELECT 1 FROM ready") == []


async def test_a_cancelled_run_takes_its_sub_runs_with_it(lab: Lab) -> None:
    lab.graphs = {"inner": [a_wait("w", seconds=60)], "outer": [a_run("i", "inner")]}
    run = await lab.start(a_run("o", "outer"))
    assert lab.rows("SELECT count(*) FROM run") == [(3,)]
    assert await lab.cancel(run)
    assert lab.rows("SELECT DISTINCT status FROM run") == [("cancelled",)]
    assert lab.rows("SELECT 1 FROM ready") == []


async def test_runs_can_only_be_so_deep_in_each_other(lab: Lab) -> None:
    lab.graphs = {"loop": [a_run("again", "loop")]}
    run = await lab.start(a_run("again", "loop"))
    assert await lab.work_through(run) == "failed"
    assert lab.run(run)[2]["code"] == "TOO_DEEP"
    assert lab.rows("SELECT max(depth) FROM run") == [(5,)]


async def test_long_tasks_in_all_slots_hold_up_no_graph(lab: Lab) -> None:
    held, end = 0, asyncio.Event()

    async def long(ctx: TaskContext, task: TaskRow) -> Completion:
        nonlocal held
        held += 1
        await end.wait()
        return Completion()

    slots = lab.app.settings.worker_concurrency
    lab.does = {f"l{n}": long for n in range(slots + 1)}
    async with lab.working():
        work = await lab.start(*(new(slug) for slug in lab.does))
        await until(lambda: held == slots)
        run = await lab.start(a_wait("t", seconds=0.1), a_wait("u", "t", seconds=0.1))
        assert await lab.finish(run) == "succeeded"
        assert held == slots
        end.set()
        assert await lab.finish(work) == "succeeded"


async def test_more_waits_end_than_are_ended_at_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STEERING_SLOTS", 3)
    monkeypatch.setattr(worker, "POLL_S", 20.0)
    run = await lab.start(*(a_wait(f"w{n}", seconds=0.1) for n in range(50)))
    began = time.monotonic()
    assert await lab.work_through(run) == "succeeded"
    assert time.monotonic() - began < 5
