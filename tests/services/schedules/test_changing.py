"""Schedules: what they show, what may change them, and what becomes of the times of a pause."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from generated.models import CatchUp, JobTemplate, Overlap, RegisterKind, UpdateSchedule
from services import kinds, schedules
from services.context import Context
from services.errors import (
    Conflict,
    Forbidden,
    NotFound,
    ScheduleNameTaken,
    TooManySchedules,
    ValidationFailed,
)
from tests.services.schedules.scheduling import (
    HOUR,
    JOB,
    MINUTE,
    URL,
    fire,
    following,
    happened,
    jobs,
    passed,
    scheduled,
)

UNKNOWN = "sch_01kb0rf4s6jtx9z2vm5r8q1w7y"


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


async def test_a_tenant_has_so_many_schedules_and_no_more(
    ctx: Context, other_ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules, "MOST", 2)
    for name in ("one", "two"):
        await scheduled(ctx, name=name)
    with pytest.raises(TooManySchedules):
        await scheduled(ctx, name="three")
    await scheduled(other_ctx)


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
        (
            JobTemplate(kind="http", input=URL, metadata={"scheduleId": "x"}),
            "/job/metadata/scheduleId",
        ),
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


async def test_a_key_with_queues_of_its_own_has_jobs_created_only_there(ctx: Context) -> None:
    made = await scheduled(ctx)
    mine = replace(ctx, actor=replace(ctx.actor, queues=frozenset({"mine"})))
    there = JobTemplate(kind="http", input=URL, queue="mine")
    for call in (
        scheduled(mine, name="Another"),
        schedules.update_schedule(mine, made.id, UpdateSchedule(job=JOB)),
        schedules.update_schedule(mine, made.id, UpdateSchedule(cron="* * * * *")),
        schedules.trigger_schedule(mine, made.id),
        schedules.pause_schedule(mine, made.id),
        schedules.resume_schedule(mine, made.id),
        schedules.delete_schedule(mine, made.id),
    ):
        with pytest.raises(Forbidden):
            await call
    own = await scheduled(mine, name="Mine", job=there)
    assert (await schedules.pause_schedule(mine, own.id)).paused


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


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        ({"catch_up": CatchUp.one}, 1),
        ({"catch_up": CatchUp.all, "catch_up_limit": 2}, 2),
        ({"catch_up": CatchUp.all}, 5),
    ],
)
async def test_after_a_pause_the_times_are_shown_that_get_a_job(
    ctx: Context, policy: dict[str, Any], shown: int
) -> None:
    made = await scheduled(ctx, cron="* * * * *", **policy)
    await schedules.pause_schedule(ctx, made.id)
    await passed(ctx, made, 5 * MINUTE)
    [first, *_] = (await schedules.resume_schedule(ctx, made.id)).next_runs
    expected = made.next_runs[0] - shown * MINUTE
    assert first in (expected, expected + MINUTE)  # a minute may have passed meanwhile
    assert await fire(ctx, first) == 1


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


async def test_a_trigger_of_a_kind_that_is_gone_is_a_conflict_that_names_it(ctx: Context) -> None:
    anything = RegisterKind(description="Anything.", input_schema={"type": "object"})
    await kinds.register_kind(ctx, "any", anything)
    made = await scheduled(ctx, job=JobTemplate(kind="any"))
    await kinds.delete_kind(ctx, "any")
    with pytest.raises(Conflict, match=r"any more\. /kind: is neither"):
        await schedules.trigger_schedule(ctx, made.id)
    assert await jobs(ctx, made) == []


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
