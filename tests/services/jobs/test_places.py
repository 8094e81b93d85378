"""Queues and lanes have an end, as every claim looks at them; one tenant's are in nobody's way."""

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
    counts = caller.owner.execute(
        b"SELECT (SELECT count(*) FROM queue), (SELECT count(*) FROM run)"
    )
    assert counts.fetchone() == (1000, 1)
    await caller.create(queue="q7")


async def test_the_2001st_lane_is_refused(caller: Caller) -> None:
    await caller.create()
    fill(caller, LANES)
    assert "2,000" in await refused(caller, "POST", PATH, {"kind": KIND, "priority": 5})
    await caller.create()


async def test_the_product_itself_always_has_a_queue(caller: Caller) -> None:
    await caller.create()
    fill(caller, QUEUES)
    fill(caller, LANES)
    caller.owner.execute(
        b"INSERT INTO queue (tenant_id, name) VALUES (%s, '_own')", [caller.ctx.actor.tenant_id]
    )
