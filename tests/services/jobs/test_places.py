"""Queues and lanes have an end, as every claim looks at them; one tenant's are in nobody's way."""

import asyncio

import pytest

from tests.services.jobs.conftest import KIND, Caller, Json

PATH = "/orchestrator/jobs"
LANES = """
    INSERT INTO lane (tenant_id, id, queue, kind, priority)
    SELECT %s, n, 'default', 'job.other', n FROM generate_series(1, 1999) AS n
"""
QUEUES = "INSERT INTO queue (tenant_id, name) SELECT %s, 'q' || n FROM generate_series(1, 999) AS n"
COUNTS = b"SELECT (SELECT count(*) FROM queue), (SELECT count(*) FROM run)"
CRON = {"name": "daily", "cron": "0 7 * * *"}


def fill(caller: Caller, statement: str) -> None:
    """Take up the room of the caller's tenant."""
    caller.owner.execute(statement.encode(), [caller.ctx.actor.tenant_id])


async def refused(caller: Caller, method: str, path: str, body: Json) -> str:
    """The message of a conflict."""
    answer = await caller.http.request(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    return str(answer.json()["error"]["message"])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", PATH, {"kind": KIND, "queue": "new"}),
        (
            "POST",
            "/orchestrator/jobs/bulk",
            {"jobs": [{"kind": KIND}, {"kind": KIND, "queue": "new"}]},
        ),
        ("POST", "/orchestrator/schedules", CRON | {"job": {"kind": KIND, "queue": "new"}}),
        ("PATCH", "/orchestrator/queues/new", {"concurrency": 1}),
    ],
)
async def test_the_1001st_queue_is_refused_and_nothing_is_kept(
    caller: Caller, method: str, path: str, body: Json
) -> None:
    await caller.create()
    fill(caller, QUEUES)
    assert "1,000 queues" in await refused(caller, method, path, body)
    assert caller.owner.execute(COUNTS).fetchone() == (1000, 1)
    await caller.create(queue="q7")


GRAPH = {
    "tasks": [
        {"slug": "first", "wait": {"for": "timer", "seconds": 60}},
        {"slug": "then", "kind": KIND, "queue": "new", "dependsOn": ["first"]},
    ]
}
INNER = {"tasks": [{"slug": "outer", "graph": GRAPH}]}


@pytest.mark.parametrize("graph", [GRAPH, INNER])
async def test_a_graph_that_would_need_a_queue_later_is_refused_at_once(
    caller: Caller, graph: Json
) -> None:
    await caller.create()
    fill(caller, QUEUES)
    assert "1,000 queues" in await refused(caller, "POST", "/orchestrator/graphs", graph)


async def test_many_at_once_do_not_get_past_the_bound(caller: Caller) -> None:
    await caller.create()
    fill(caller, QUEUES.replace("999", "990"))
    answers = await asyncio.gather(
        *(
            caller.http.post(
                f"{PATH}/bulk",
                json={"jobs": [{"kind": KIND, "queue": f"n{n}-{i}"} for i in range(3)]},
            )
            for n in range(8)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 5
    [(queues, _)] = caller.owner.execute(COUNTS)
    assert queues == 1000


async def test_what_one_tenant_has_is_in_nobodys_way(caller: Caller, stranger: Caller) -> None:
    await caller.create()
    fill(caller, QUEUES)
    await stranger.create(queue="new")


async def test_the_2001st_lane_is_refused(caller: Caller) -> None:
    await caller.create()
    fill(caller, LANES)
    assert "2,000" in await refused(caller, "POST", PATH, {"kind": KIND, "priority": 5})
    await caller.create()


async def test_what_the_product_does_itself_takes_none_of_the_room(caller: Caller) -> None:
    await caller.create()
    fill(caller, QUEUES.replace("999", "998"))
    fill(caller, LANES.replace("1999", "1998"))
    fill(caller, "INSERT INTO queue (tenant_id, name) VALUES (%s, '_own')")
    fill(caller, LANES.replace("n, 'default'", "-n, '_own'"))
    await caller.create(queue="new")
    await refused(caller, "POST", PATH, {"kind": KIND, "queue": "newer"})
    fill(caller, "INSERT INTO lane SELECT %s, 0, '_own', 'build.plan', 0")
