"""Schedules: what they show, what may change them, and what becomes of the times of a pause."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from db.queries import Query
from generated.models import (
    CatchUp,
    JobTemplate,
    NewJob,
    NewSchedule,
    Overlap,
    RegisterKind,
    Schedule,
    UpdateSchedule,
)
from services import firing, schedules, worker_kinds
from services import jobs as job_service
from services.context import Context
from services.errors import Forbidden, NotFound, ScheduleNameTaken, ValidationFailed
from tests.conftest import cloned

UNKNOWN = "sch_01kb0rf4s6jtx9z2vm5r8q1w7y"
URL = {"url": "https://example.com/report"}
JOB = JobTemplate(kind="http", input=URL, tags=["report"], metadata={"of": "sales"})
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

RUNS = Query(
    "test.runs",
    b"SELECT id, status, trigger, options -> 'metadata' ->> 'scheduledFor' AS scheduled_for,"
    b" options, tags, input FROM run WHERE options ->> 'scheduleId' = %(schedule_id)s"
    b" ORDER BY options -> 'metadata' ->> 'scheduledFor', id",
)
EVENTS = Query("test.events", b"SELECT type, payload FROM event WHERE run_id IS NULL ORDER BY id")
END = Query("test.end", b"UPDATE run SET status = 'succeeded' WHERE id = %(run_id)s")


class RunRow(msgspec.Struct):
    """A job of a schedule."""

    id: str
    status: str
    trigger: str
    scheduled_for: str
    options: dict[str, Any]
    tags: list[str] | None
    input: dict[str, Any]


class EventRow(msgspec.Struct):
    """An event of the tenant."""

    type: str
    payload: dict[str, Any]


@pytest.fixture(scope="module")
def database(cluster: str, template: str) -> Iterator[str]:
    """One for all tests here: each has a tenant of its own, and fires that one's schedules."""
    with cloned(cluster, template) as url:
        yield url


async def fire(ctx: Context, now: datetime | None = None) -> int:
    """Fire the tenant's schedules; how many jobs were created."""
    fired = await firing.fire_some(ctx.app, ctx.actor.tenant_id, [], now)
    return sum(len(one.jobs) for one in fired)


async def scheduled(ctx: Context, **given: Any) -> Schedule:
    """A new schedule, of every hour unless something else is given."""
    new = {"name": "Report", "cron": "0 * * * *", "job": JOB} | given
    return await schedules.create_schedule(ctx, NewSchedule(**new))


async def jobs(ctx: Context, schedule: Schedule) -> list[RunRow]:
    """The jobs of a schedule by their times."""
    async with ctx.transaction() as tx:
        return await tx.all(RUNS, RunRow, schedule_id=schedule.id)


async def times(ctx: Context, schedule: Schedule) -> list[datetime]:
    """The times for which a schedule has created jobs."""
    return [datetime.fromisoformat(job.scheduled_for) for job in await jobs(ctx, schedule)]


async def happened(ctx: Context) -> list[str]:
    """The types of the tenant's events outside any run."""
    async with ctx.transaction() as tx:
        return [event.type for event in await tx.all(EVENTS, EventRow)]


def following(hours: int, start: datetime) -> list[datetime]:
    """So many full hours from a time on."""
    return [start + n * HOUR for n in range(hours)]


async def test_a_new_schedule_shows_its_next_five_times(ctx: Context) -> None:
    made = await scheduled(ctx, time_zone="Europe/Zurich")
    assert made.next_runs == following(5, made.next_runs[0])
    assert timedelta() < made.next_runs[0] - datetime.now(UTC) <= HOUR
    assert await schedules.get_schedule(ctx, made.id) == made
    assert await happened(ctx) == ["schedule.created"]


async def test_what_is_left_out_is_utc_one_and_allow(ctx: Context) -> None:
    made = await scheduled(ctx)
    assert (made.time_zone, made.catch_up, made.catch_up_limit) == ("UTC", CatchUp.one, 100)
    assert (made.overlap, made.paused, made.last_run_at) == (Overlap.allow, False, None)


async def test_the_zone_decides_what_the_times_are(ctx: Context) -> None:
    made = await scheduled(ctx, cron="30 2 1 7 *", time_zone="Asia/Kolkata")
    assert {(run.hour, run.minute) for run in made.next_runs} == {(21, 0)}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"cron": "0 0 31 2 *"}, "/cron"),
        ({"cron": "* * * * * *"}, "/cron"),
        ({"time_zone": "Mars/Olympus"}, "/timeZone"),
    ],
)
async def test_what_cannot_fire_is_refused_when_it_is_created_and_when_it_is_changed(
    ctx: Context, given: dict[str, str], field: str
) -> None:
    made = await scheduled(ctx)
    with pytest.raises(ValidationFailed) as refused:
        await scheduled(ctx, name="Another", **given)
    assert field in str(refused.value)
    with pytest.raises(ValidationFailed) as refused:
        await schedules.update_schedule(ctx, made.id, UpdateSchedule(**given))
    assert field in str(refused.value)
    assert await schedules.get_schedule(ctx, made.id) == made


async def test_two_schedules_of_a_tenant_do_not_share_a_name(
    ctx: Context, other_ctx: Context
) -> None:
    await scheduled(ctx)
    second = await scheduled(ctx, name="Second")
    with pytest.raises(ScheduleNameTaken):
        await scheduled(ctx)
    with pytest.raises(ScheduleNameTaken):
        await schedules.update_schedule(ctx, second.id, UpdateSchedule(name="Report"))
    await scheduled(other_ctx)


async def test_schedules_are_listed_by_name(ctx: Context) -> None:
    for name in ("b", "c", "a"):
        await scheduled(ctx, name=name)
    page = await schedules.list_schedules(ctx, 1, 2)
    assert [schedule.name for schedule in page.items] == ["a", "b"]
    assert page.pagination.total == 3


async def test_a_schedule_of_another_tenant_is_not_there(ctx: Context, other_ctx: Context) -> None:
    made = await scheduled(ctx)
    for call in (
        schedules.get_schedule,
        schedules.pause_schedule,
        schedules.resume_schedule,
        schedules.trigger_schedule,
        schedules.delete_schedule,
    ):
        for schedule_id in (made.id, UNKNOWN):
            with pytest.raises(NotFound):
                await call(other_ctx, schedule_id)
    with pytest.raises(NotFound):
        await schedules.update_schedule(other_ctx, made.id, UpdateSchedule(name="Mine"))


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


async def test_secrets_of_the_input_are_kept_and_not_shown(ctx: Context) -> None:
    headers = {"authorization": "Bearer secret"}
    made = await scheduled(ctx, job=JobTemplate(kind="http", input=URL | {"headers": headers}))
    assert "secret" not in msgspec.json.encode(made).decode()
    await fire(ctx, made.next_runs[0])
    assert (await jobs(ctx, made))[0].input["headers"] == headers


@pytest.mark.parametrize(
    ("job", "field"),
    [
        (JobTemplate(kind="http", input={}), "/job/input/url"),
        (JobTemplate(kind="nobody.does"), "/job/kind"),
        (JobTemplate(kind="http", input=URL, metadata={"": "x"}), "/job/metadata"),
    ],
)
async def test_a_job_that_its_kind_does_not_take_is_refused_by_its_field(
    ctx: Context, job: JobTemplate, field: str
) -> None:
    made = await scheduled(ctx)
    for call in (
        scheduled(ctx, name="Another", job=job),
        schedules.update_schedule(ctx, made.id, UpdateSchedule(job=job)),
    ):
        with pytest.raises(ValidationFailed) as refused:
            await call
        assert isinstance(refused.value.details, list)
        assert refused.value.details[0].field_ == field


async def test_a_kind_that_takes_the_input_no_longer_gets_no_job(ctx: Context) -> None:
    anything = RegisterKind(description="Reports.", input_schema={"type": "object"})
    numbers = RegisterKind(description="Reports.", input_schema={"required": ["depth"]})
    await worker_kinds.register_kind(ctx, "report.make", anything)
    made = await scheduled(ctx, job=JobTemplate(kind="report.make", input={}))
    other = await scheduled(ctx, name="Other")
    await worker_kinds.register_kind(ctx, "report.make", numbers)
    assert await fire(ctx, made.next_runs[0]) == 1
    assert await times(ctx, other) == other.next_runs[:1]
    assert (await happened(ctx))[-1] == "schedule.skipped"
    with pytest.raises(ValidationFailed):
        await schedules.trigger_schedule(ctx, made.id)


async def test_a_key_with_queues_of_its_own_schedules_only_there(ctx: Context) -> None:
    made = await scheduled(ctx)
    mine = replace(ctx, actor=replace(ctx.actor, queues=frozenset({"mine"})))
    there = JobTemplate(kind="http", input=URL, queue="mine")
    for call in (
        scheduled(mine, name="Another"),
        schedules.update_schedule(mine, made.id, UpdateSchedule(job=JOB)),
        schedules.trigger_schedule(mine, made.id),
    ):
        with pytest.raises(Forbidden):
            await call
    assert (await scheduled(mine, name="Mine", job=there)).job.queue == "mine"


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


async def test_without_catch_up_a_time_of_the_last_minute_still_has_its_job(ctx: Context) -> None:
    made = await scheduled(ctx, catch_up=CatchUp.none)
    first = made.next_runs[0]
    await fire(ctx, first + 3 * HOUR + MINUTE)
    assert await times(ctx, made) == [first + 3 * HOUR]


async def test_a_paused_schedule_does_not_fire_and_shows_no_times(ctx: Context) -> None:
    made = await scheduled(ctx)
    paused = await schedules.pause_schedule(ctx, made.id)
    assert (paused.paused, paused.next_runs) == (True, [])
    assert await fire(ctx, made.next_runs[0] + HOUR) == 0
    assert await schedules.pause_schedule(ctx, made.id) == paused
    assert await happened(ctx) == ["schedule.created", "schedule.paused"]


@pytest.mark.parametrize(
    ("catch_up", "made_up"), [(CatchUp.none, 0), (CatchUp.one, 1), (CatchUp.all, 3)]
)
async def test_after_a_pause_its_times_are_made_up_for_as_the_policy_says(
    ctx: Context, catch_up: CatchUp, made_up: int
) -> None:
    made = await scheduled(ctx, cron="* * * * *", catch_up=catch_up)
    await schedules.pause_schedule(ctx, made.id)
    await passed(ctx, made, 3 * MINUTE)
    assert not (await schedules.resume_schedule(ctx, made.id)).paused
    assert await fire(ctx, made.next_runs[0] - timedelta(seconds=1)) == made_up
    now = await schedules.get_schedule(ctx, made.id)
    assert await schedules.resume_schedule(ctx, made.id) == now
    assert now.next_runs[0] in made.next_runs[:2]


async def passed(ctx: Context, schedule: Schedule, span: timedelta) -> None:
    """Let a schedule wait for a time that was so long ago."""
    back = Query(
        "test.back",
        b"UPDATE schedule SET next_run_at = next_run_at - %(span)s WHERE id = %(schedule_id)s",
    )
    async with ctx.transaction() as tx:
        await tx.run(back, schedule_id=schedule.id, span=span)


async def test_a_schedule_can_be_created_paused(ctx: Context) -> None:
    made = await scheduled(ctx, paused=True)
    assert made.paused
    assert await fire(ctx, datetime.now(UTC) + 2 * HOUR) == 0
    assert len((await schedules.resume_schedule(ctx, made.id)).next_runs) == 5


async def test_another_expression_or_zone_counts_from_now_on(ctx: Context) -> None:
    made = await scheduled(ctx, catch_up=CatchUp.all)
    await passed(ctx, made, 5 * HOUR)
    changed = await schedules.update_schedule(ctx, made.id, UpdateSchedule(cron="30 5 * * *"))
    assert (changed.next_runs[0].hour, changed.next_runs[0].minute) == (5, 30)
    assert await fire(ctx) == 0
    moved = await schedules.update_schedule(ctx, made.id, UpdateSchedule(time_zone="Asia/Kolkata"))
    assert (moved.next_runs[0].hour, moved.next_runs[0].minute) == (0, 0)
    assert moved.cron == "30 5 * * *"


async def test_other_changes_leave_the_times_alone(ctx: Context) -> None:
    made = await scheduled(ctx)
    job = JobTemplate(kind="http", input=URL, priority=3)
    change = UpdateSchedule(name="New", overlap=Overlap.skip, catch_up_limit=7, job=job)
    changed = await schedules.update_schedule(ctx, made.id, change)
    assert changed.next_runs == made.next_runs
    assert (changed.name, changed.overlap, changed.catch_up_limit) == ("New", "skip", 7)
    assert changed.job == job
    assert await happened(ctx) == ["schedule.created", "schedule.updated"]


async def test_a_changed_expression_does_not_bring_back_a_time_that_was_fired(ctx: Context) -> None:
    made = await scheduled(ctx, cron="* * * * *")
    ahead = made.next_runs[0] + 10 * MINUTE  # by a clock that is ahead of ours
    assert await fire(ctx, ahead) == 1
    changed = await schedules.update_schedule(ctx, made.id, UpdateSchedule(cron="*/1 * * * *"))
    assert changed.next_runs[0] == ahead + MINUTE


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


async def test_a_trigger_creates_a_job_now_and_leaves_the_times_alone(ctx: Context) -> None:
    made = await scheduled(ctx, overlap=Overlap.skip, paused=True)
    for _ in range(2):
        triggered = await schedules.trigger_schedule(ctx, made.id)
        now = await schedules.get_schedule(ctx, made.id)
        assert now.last_job_id == triggered.id
    assert [job.trigger for job in await jobs(ctx, made)] == ["manual", "manual"]
    resumed = await schedules.resume_schedule(ctx, made.id)
    assert resumed.last_run_at is None
    assert await fire(ctx, resumed.next_runs[0]) == 0  # the triggered job still lives


async def test_a_deleted_schedule_is_gone_and_its_jobs_stay(ctx: Context) -> None:
    made = await scheduled(ctx)
    await fire(ctx, made.next_runs[0])
    gone = await schedules.delete_schedule(ctx, made.id)
    assert (gone.id, gone.last_run_at) == (made.id, made.next_runs[0])
    with pytest.raises(NotFound):
        await schedules.get_schedule(ctx, made.id)
    assert await fire(ctx, made.next_runs[4]) == 0
    assert len(await jobs(ctx, made)) == 1
    assert await happened(ctx) == ["schedule.created", "schedule.deleted"]
    assert (await scheduled(ctx)).name == made.name


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
