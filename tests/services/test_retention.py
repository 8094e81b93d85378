"""Jobs are kept for some time, and go by whole weeks."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from db import embedded
from db.migrate import migrate
from generated.models import QueuePaused, ScheduleSkipped
from services import folders, results, retention
from services.context import App, Context, new_id
from services.engine import events
from services.engine.enqueue import NewRun, enqueue

PARTITIONS = """
    SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND relname ~ %s
    ORDER BY relname
"""
TABLES = ("run", "task", "event", "job_log", "dead_letter")
OLD_WEEK = """
    CREATE TABLE {0}_2020w10 PARTITION OF {0}
        FOR VALUES FROM (job_id_at('2020-03-02')) TO (job_id_at('2020-03-09'))
"""
OLD_JOB = """
    INSERT INTO run (tenant_id, id, kind, status, trigger, completed_at)
    VALUES ('ten_a', job_id_at('2020-03-04'), 'job', 'succeeded', 'api', '2020-03-04')
"""


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection]:
    """A connection of the database's owner, in which there is an old week."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        for table in TABLES:
            connection.execute(OLD_WEEK.format(table).encode())
        connection.execute(OLD_JOB.encode())
        yield connection


def partitions(owner: psycopg.Connection, pattern: str) -> list[str]:
    return [name for (name,) in owner.execute(PARTITIONS, (pattern,)).fetchall()]


async def test_a_week_whose_time_is_over_goes_as_a_whole(
    app: App, owner: psycopg.Connection
) -> None:
    assert len(partitions(owner, "2020w10")) == len(TABLES)
    await retention.keep_weeks(app)
    assert partitions(owner, "2020w10") == []


async def test_a_week_with_a_live_job_stays(app: App, owner: psycopg.Connection) -> None:
    owner.execute("UPDATE run SET completed_at = NULL WHERE id < job_id_at('2021-01-01')")
    await retention.keep_weeks(app)
    assert len(partitions(owner, "2020w10")) == len(TABLES)


async def test_a_reader_of_an_old_week_with_a_live_job_holds_nothing_up(
    app: App, database: str, owner: psycopg.Connection
) -> None:
    owner.execute("UPDATE run SET completed_at = NULL")
    with psycopg.connect(database) as reader:
        reader.execute("SELECT count(*) FROM run")
        await retention.keep_weeks(app)
    assert len(partitions(owner, "2020w10")) == len(TABLES)


async def test_a_week_whose_job_is_just_being_queued_again_stays(
    app: App, database: str, owner: psycopg.Connection
) -> None:
    with psycopg.connect(database) as other:
        other.execute("UPDATE run SET completed_at = NULL")
        keeping = asyncio.create_task(retention.keep_weeks(app))
        await asyncio.sleep(0.3)
        assert not keeping.done()
    await keeping
    assert len(partitions(owner, "2020w10")) == len(TABLES)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A PostgreSQL of its own, as roles belong to all databases of one."""
    with embedded.server(tmp_path / "postgres") as url:
        yield url


@pytest.mark.parametrize(("inherits", "goes"), [("INHERIT", True), ("NOINHERIT", False)])
def test_an_owner_who_is_no_superuser_drops_only_what_it_sees_to_be_over(
    server: str, inherits: str, goes: bool
) -> None:
    rented = server.replace("/postgres?", "/rented?")
    with psycopg.connect(server, autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE landlord LOGIN CREATEROLE {inherits}".encode())
        superuser.execute("CREATE DATABASE rented OWNER landlord")
    migrate(make_conninfo(rented, user="landlord"))
    with psycopg.connect(rented, autocommit=True) as superuser:
        superuser.execute("SET ROLE landlord")
        for table in TABLES:
            superuser.execute(OLD_WEEK.format(table).encode())
        superuser.execute("RESET ROLE")
        superuser.execute(OLD_JOB.encode())
        for ended, stays in (("NULL", True), ("now()", not goes)):
            superuser.execute(f"UPDATE run SET completed_at = {ended}".encode())
            superuser.execute("SET ROLE prazium_system")
            superuser.execute("SELECT keep_weeks(4, 30)")
            superuser.execute("RESET ROLE")
            assert bool(partitions(superuser, "2020w10")) == stays


async def test_a_week_that_is_kept_longer_stays(app: App, owner: psycopg.Connection) -> None:
    settings = msgspec.structs.replace(app.settings, job_days=36500)
    await retention.keep_weeks(App(settings, app.db, app.hints))
    assert len(partitions(owner, "2020w10")) == len(TABLES)


async def test_this_week_and_four_more_are_there(app: App, owner: psycopg.Connection) -> None:
    await retention.keep_weeks(app)
    now = datetime.now().astimezone().strftime("%Gw%V")
    weeks = partitions(owner, r"^run_\d{4}w\d\d$")
    assert f"run_{now}" in weeks
    assert len(weeks) == 1 + retention.WEEKS_AHEAD


async def test_what_is_made_today_is_in_no_partition_that_is_kept_for_ever(
    ctx: Context, owner: psycopg.Connection
) -> None:
    async with ctx.transaction() as tx:
        await enqueue(tx, [NewRun(id=new_id("job"), kind="job", name="http", input={})])
    assert owner.execute("SELECT count(*) FROM run_kept").fetchone() == (0,)


async def test_a_reader_of_an_old_week_holds_nothing_up(
    app: App, database: str, owner: psycopg.Connection
) -> None:
    with psycopg.connect(database) as reader:
        reader.execute("SELECT count(*) FROM run")
        with pytest.raises(Exception, match=r"busy|lock"):
            await retention.keep_weeks(app)
    await retention.keep_weeks(app)
    assert partitions(owner, "2020w10") == []


async def test_a_large_result_goes_when_no_job_has_it_any_more(
    app: App, ctx: Context, owner: psycopg.Connection
) -> None:
    folder = folders.blobs(app.settings)
    store = results.blobs(app.settings)
    for name in ("ten_a/kept", "ten_a/lost", "ten_b/young"):
        await store.put(name, b"{}")
    for name in ("ten_a/kept", "ten_a/lost"):
        os.utime(folder / name, (0, 0))
    owner.execute("UPDATE run SET output_blob = 'ten_a/kept'")
    await results.sweep(app)
    left = {path.name for path in folder.rglob("*") if path.is_file()}
    assert left == {"kept", "young"}
    owner.execute("DELETE FROM run")
    await results.sweep(app)
    assert not (folder / "ten_a/kept").exists()


async def test_times_without_a_job_are_forgotten_as_jobs_are(
    app: App, ctx: Context, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST_FORGOTTEN", 2)
    skipped = ScheduleSkipped(
        schedule_id=new_id("sch"), scheduled_for=datetime(2020, 3, 2, tzinfo=UTC), reason="late"
    )
    async with ctx.transaction() as tx:
        for _ in range(5):
            await events.record_tenant(tx, "sch_a", skipped)
        await events.record_tenant(tx, "a", QueuePaused(queue="a"))
    owner.execute("UPDATE event SET created_at = created_at - interval '31 days'")
    async with ctx.transaction() as tx:
        await events.record_tenant(tx, "sch_a", skipped)
    await retention.forget_skips(app)
    left = owner.execute("SELECT type FROM event ORDER BY created_at").fetchall()
    assert left == [("queue.paused",), ("schedule.skipped",)]
