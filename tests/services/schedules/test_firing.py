"""Which jobs schedules create: of which times, whose, and what stops none."""

from datetime import timedelta

import msgspec
import pytest
from structlog.testing import capture_logs

from db.pool import Transaction
from db.queries import Query
from generated.models import CatchUp, JobTemplate, NewJob, Overlap, RegisterKind
from services import firing, kinds, schedules
from services import jobs as job_service
from services.context import Context
from services.cron import Cron
from services.engine.enqueue import NewRun
from services.errors import Conflict
from services.kinds import Inputs
from tests.services.schedules.scheduling import (
    HOUR,
    MINUTE,
    URL,
    fire,
    following,
    happened,
    jobs,
    scheduled,
    times,
)

END = Query("test.end", b"UPDATE run SET status = 'succeeded' WHERE id = %(run_id)s")
BEHIND = Query("test.behind", b"UPDATE schedule SET next_run_at = now() - interval '1 s'")
COPY = Query(
    "test.copy",
    b"INSERT INTO schedule (id, name, cron, time_zone, catch_up, catch_up_limit, overlap, job)"
    b" SELECT id || n, name || n, cron, time_zone, catch_up, catch_up_limit, overlap, job"
    b" FROM schedule, generate_series(1, %(count)s) AS n",
)
STUCK = Query("test.stuck", b"UPDATE schedule SET job = '{}'")
OVER = Query("test.over", b"UPDATE schedule SET next_run_at = NULL")
UNREADABLE = Query(
    "test.unreadable",
    b"UPDATE schedule SET time_zone = 'Mars/Olympus' WHERE id = %(schedule_id)s",
)
RANK = Query(
    "test.rank", b"SELECT count(*) FROM run WHERE id < %(run_id)s AND options ? 'scheduleId'"
)


async def change(ctx: Context, *queries: Query) -> None:
    """Change the tenant's schedules."""
    async with ctx.transaction() as tx:
        for query in queries:
            await tx.run(query, count=250)


async def test_a_due_schedule_creates_its_job_with_where_it_comes_from(ctx: Context) -> None:
    made = await scheduled(ctx)
    time = made.next_runs[0]
    assert await fire(ctx, time - timedelta(seconds=1)) == 0
    assert await fire(ctx, time + timedelta(seconds=1)) == 1
    [job] = await jobs(ctx, made)
    assert (job.status, job.trigger, job.input, job.tags) == (
        "queued",
        "schedule",
        URL,
        ["report"],
    )
    origin = {"scheduleId": made.id, "scheduledFor": f"{time:%Y-%m-%dT%H:%M:%SZ}"}
    assert job.options["metadata"] == {"of": "sales"} | origin
    now = await schedules.get_schedule(ctx, made.id)
    assert (now.last_run_at, now.last_job_id) == (time, job.id)
    assert now.next_runs == following(5, time + HOUR)


async def test_the_job_is_like_one_that_was_created_by_hand(ctx: Context) -> None:
    template = JobTemplate(kind="http", input=URL, queue="night", priority=4, timeout_seconds=60)
    made = await scheduled(ctx, job=template)
    await fire(ctx, made.next_runs[0])
    job_id = (await jobs(ctx, made))[0].id
    by_schedule = await job_service.get_job(ctx, job_id)
    new = NewJob(kind="http", input=URL, queue="night", priority=4, timeout_seconds=60)
    by_hand = await job_service.get_job(ctx, (await job_service.create_job(ctx, new)).id)
    assert by_schedule.schedule_id == made.id
    for name in ("kind", "input", "queue", "priority", "timeout_seconds", "retry", "status"):
        assert getattr(by_schedule, name) == getattr(by_hand, name)


async def test_the_first_event_of_a_job_says_which_schedule_created_it(ctx: Context) -> None:
    made = await scheduled(ctx)
    await fire(ctx, made.next_runs[0])
    job_id = (await jobs(ctx, made))[0].id
    [created] = await job_service.list_job_events(ctx, job_id, None, None, 10)
    about = {"kind": "job", "jobKind": "http", "queue": "default", "scheduleId": made.id}
    assert created.payload == about


async def test_a_kind_that_takes_the_input_no_longer_gets_no_job(ctx: Context) -> None:
    anything = RegisterKind(description="Reports.", input_schema={"type": "object"})
    numbers = RegisterKind(description="Reports.", input_schema={"required": ["depth"]})
    await kinds.register_kind(ctx, "report.make", anything)
    made = await scheduled(ctx, job=JobTemplate(kind="report.make", input={}))
    other = await scheduled(ctx, name="Other")
    await kinds.register_kind(ctx, "report.make", numbers)
    assert await fire(ctx, made.next_runs[0]) == 1
    assert await times(ctx, other) == other.next_runs[:1]
    assert (await happened(ctx))[-1] == "schedule.skipped"
    with pytest.raises(Conflict):
        await schedules.trigger_schedule(ctx, made.id)


async def test_a_time_is_fired_once(ctx: Context) -> None:
    made = await scheduled(ctx)
    time = made.next_runs[0]
    assert [await fire(ctx, time + MINUTE) for _ in range(3)] == [1, 0, 0]


@pytest.mark.parametrize(
    ("catch_up", "made_up"),
    [(CatchUp.none, []), (CatchUp.one, [9]), (CatchUp.all, list(range(5, 10)))],
)
async def test_times_that_passed_are_made_up_for_as_the_policy_says(
    ctx: Context, catch_up: CatchUp, made_up: list[int]
) -> None:
    made = await scheduled(ctx, catch_up=catch_up, catch_up_limit=5)
    first = made.next_runs[0]
    await fire(ctx, first + 9.5 * HOUR)
    assert await times(ctx, made) == [first + n * HOUR for n in made_up]
    assert (await schedules.get_schedule(ctx, made.id)).next_runs[0] == first + 10 * HOUR
    assert ("schedule.skipped" in await happened(ctx)) == (not made_up)


async def test_jobs_with_large_inputs_are_queued_a_few_at_a_time(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes, enqueue = list[int](), firing.enqueue

    async def counted(tx: Transaction, runs: list[NewRun]) -> list[str]:
        sizes.append(len(runs))
        return await enqueue(tx, runs)

    monkeypatch.setattr(firing, "enqueue", counted)
    made = await scheduled(ctx, catch_up=CatchUp.all, catch_up_limit=5)
    size = len(msgspec.json.encode(made.job.input))
    monkeypatch.setattr(firing, "MOST_BYTES", 2 * size)
    assert await fire(ctx, made.next_runs[0] + 9.5 * HOUR) == 5
    assert sizes == [2, 2, 1]


async def test_no_more_is_planned_than_fits_into_one_transaction(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned, firing_of = list[str](), firing.firing_of

    def noted(ctx: Context, row: firing.DueRow, cron: Cron, inputs: Inputs) -> firing.Firing:
        planned.append(row.id)
        return firing_of(ctx, row, cron, inputs)

    monkeypatch.setattr(firing, "firing_of", noted)
    monkeypatch.setattr(firing, "MOST_JOBS", 12)
    names = ["A", "B", "C", "D", "E"]
    made = [
        await scheduled(ctx, name=name, catch_up=CatchUp.all, catch_up_limit=5) for name in names
    ]
    now = made[0].next_runs[0] + 9.5 * HOUR
    assert await fire(ctx, now) == 10
    assert len(planned) == 3  # one that did not fit
    assert [await fire(ctx, now) for _ in range(3)] == [10, 5, 0]
    assert [len(await jobs(ctx, one)) for one in made] == [5] * 5


async def test_without_catch_up_a_time_of_the_last_minute_still_has_its_job(ctx: Context) -> None:
    made = await scheduled(ctx, catch_up=CatchUp.none)
    first = made.next_runs[0]
    await fire(ctx, first + 3 * HOUR + MINUTE)
    assert await times(ctx, made) == [first + 3 * HOUR]


async def test_skip_creates_no_job_while_the_last_one_lives(ctx: Context) -> None:
    made = await scheduled(ctx, overlap=Overlap.skip)
    first = made.next_runs[0]
    assert [await fire(ctx, first + n * HOUR) for n in range(3)] == [1, 0, 0]
    [job] = await jobs(ctx, made)
    async with ctx.transaction() as tx:
        await tx.run(END, run_id=job.id)
    assert await fire(ctx, first + 3 * HOUR) == 1
    assert await times(ctx, made) == [first, first + 3 * HOUR]
    assert (await happened(ctx)).count("schedule.skipped") == 2


async def test_skip_makes_up_for_one_time_at_most(ctx: Context) -> None:
    made = await scheduled(ctx, overlap=Overlap.skip, catch_up=CatchUp.all)
    assert await fire(ctx, made.next_runs[0] + 9 * HOUR) == 1


async def test_a_tenant_with_many_schedules_does_not_delay_another(
    ctx: Context, other_ctx: Context
) -> None:
    await scheduled(ctx)
    await change(ctx, COPY, BEHIND)
    made = await scheduled(other_ctx)
    await change(other_ctx, BEHIND)
    await firing.fire(ctx.app)
    [job] = await jobs(other_ctx, made)
    async with ctx.transaction() as tx:
        assert await tx.value(RANK, run_id=job.id) <= firing.BATCH
        assert await tx.value(RANK, run_id="job_~") == 251


async def test_what_fails_for_one_tenant_stops_no_other(ctx: Context, other_ctx: Context) -> None:
    tenants = sorted([ctx, other_ctx], key=lambda one: one.actor.tenant_id)
    made = [await scheduled(one) for one in tenants]
    await change(tenants[0], BEHIND, STUCK)
    await change(tenants[1], BEHIND)
    with capture_logs() as logs:
        await firing.fire(ctx.app)
    assert len(await jobs(tenants[1], made[1])) == 1
    assert ("schedules.failed", tenants[0].actor.tenant_id) in [
        (line["event"], line.get("tenant_id")) for line in logs
    ]
    await change(tenants[0], OVER)


async def test_a_zone_that_this_machine_does_not_know_is_left_to_others(ctx: Context) -> None:
    made, other = await scheduled(ctx), await scheduled(ctx, name="Other")
    await change(ctx, BEHIND)
    async with ctx.transaction() as tx:
        await tx.run(UNREADABLE, schedule_id=made.id)
    with capture_logs() as logs:
        await firing.fire(ctx.app)
    assert len(await jobs(ctx, other)) == 1
    assert [line["event"] for line in logs if line.get("schedule_id") == made.id] == [
        "schedule.unreadable"
    ]
    await change(ctx, OVER)
