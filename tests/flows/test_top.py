"""`prazium worker` and `prazium top` as an operator runs them: real processes, one database."""

import asyncio
import io
import re
import time
from pathlib import Path

import msgspec
import psycopg
import pytest
from rich.console import Console, RenderableType
from typer.testing import CliRunner

from generated.models import NewGraph
from scripts import cli, top
from services import graphs, overview
from services.context import App, Context, new_id
from services.engine.enqueue import NewRun, enqueue
from services.errors import Unavailable
from services.overview import Overview, Wanted
from tests.flows.test_processes import START_S, command

ALL = Wanted()
INSIDE = {"url": "http://127.0.0.1/"}


def job(kind: str, queue: str, **options: object) -> NewRun:
    """A job that is to be queued; `http` is refused at once."""
    return NewRun(id=new_id("job"), kind="job", name=kind, input=INSIDE, queue=queue, **options)  # type: ignore[arg-type]


async def add(ctx: Context, *jobs: NewRun) -> None:
    """Queue jobs."""
    async with ctx.transaction() as tx:
        await enqueue(tx, list(jobs))


def printed(shown: Overview, wanted: Wanted = ALL) -> str:
    """A frame as text."""
    return drawn(top.frame(shown, wanted))


def drawn(screen: RenderableType, width: int = 160) -> str:
    """A screen as text."""
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(screen)
    return console.export_text()


def line(text: str, *words: str) -> str:
    """The line that has all of these words."""
    found = [line for line in text.splitlines() if all(word in line for word in words)]
    assert len(found) == 1, text
    return found[0]


def seen(database: str) -> list[tuple[object, ...]]:
    """The workers as they have told of themselves."""
    with psycopg.connect(database) as connection:
        return connection.execute("SELECT pid, queues, slots, working FROM worker").fetchall()


async def test_a_worker_takes_its_queues_alone_tells_of_itself_and_top_shows_it(
    ctx: Context, database: str, tmp_path: Path
) -> None:
    await add(ctx, *(job("http", "mail", max_attempts=1) for _ in range(3)))
    await add(ctx, job("http", "pictures"), job("thumbnail.make", "pictures"))
    shared = {"database_url": database, "data_dir": str(tmp_path / "data")}
    words = ("worker", "--queue", "mail", "--queue", "reports", "--concurrency", "3")
    with command(*words, **shared) as process:
        idle = [(process.pid, ["mail", "reports"], 3, 0)]
        deadline = time.monotonic() + START_S
        while failed(database) < 3 or seen(database) != idle:  # it tells how busy it is each second
            assert time.monotonic() < deadline, (process.poll(), seen(database))
            await asyncio.sleep(0.05)
        with command("top", "--once", **shared) as looking:
            text, _ = looking.communicate(timeout=START_S)
        assert looking.returncode == 0, text
        process.terminate()
        assert process.wait(START_S) == 0
    assert "workers 1" in text
    assert re.search(r" +0 +0 +0 +0 +3 ", line(text, "mail", "first"))
    assert re.search(r" +2 +0 +0 +0 +0 ", line(text, "pictures"))
    assert "0 of 3" in line(text, f":{process.pid}", "ours", "mail, reports")
    assert line(text, "HTTP_REFUSED").split()[1] == "3"
    assert seen(database) == []


def failed(database: str) -> int:
    """How many jobs have failed."""
    with psycopg.connect(database) as connection:
        [(n,)] = connection.execute("SELECT count(*) FROM dead_letter").fetchall()
        return int(n)


@pytest.mark.parametrize("words", [("--queue", "No Queue"), ("--concurrency", "0")])
def test_what_a_worker_cannot_be_told_is_named_before_anything_starts(
    words: tuple[str, str],
) -> None:
    result = CliRunner().invoke(cli.app, ["worker", *words])
    assert result.exit_code == 2
    assert words[0] in result.output


def test_top_without_a_database_ends_with_one_line(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:9/none"
    with command("top", "--once", database_url=url, data_dir=str(tmp_path)) as process:
        output, _ = process.communicate(timeout=START_S)
    assert process.returncode == 1
    assert "cannot be reached" in output and "Traceback" not in output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tenant", "nope"), "There is no tenant nope."),
        (("--tenant", "nope", "--queue", "mail"), "There is no tenant nope."),
        (("--queue", "nope"), "There is no queue nope; a queue is made by its first job."),
    ],
)
async def test_one_frame_of_what_is_not_there_says_so_and_is_a_failure(
    ctx: Context, database: str, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    await add(ctx, job("http", "mail"))
    with command("top", "--once", *words, database_url=database, data_dir=str(tmp_path)) as process:
        output, _ = process.communicate(timeout=START_S)
    assert (process.returncode, output.strip()) == (1, said)


async def test_an_empty_installation_says_what_to_do(app: App) -> None:
    text = printed(await overview.look(app, ALL))
    assert "a queue is made by its first job" in text
    assert "start `prazium worker`" in text


async def test_numbers_are_whole_where_words_have_to_be_cut(ctx: Context) -> None:
    queue = "pictures.of.every.customer.in.the.largest.size"
    await add(ctx, *(job("http", queue) for _ in range(1234)))
    text = drawn(top.frame(await overview.look(ctx.app, ALL), ALL), width=80)
    assert re.search(r"Ready +Delayed +Parked +Running +Failed +Oldest", text)
    assert " 1,234 " in line(text, "pic", "…")


def test_top_where_there_is_no_installation_makes_none(tmp_path: Path) -> None:
    with command("top", "--once", data_dir=str(tmp_path / "data")) as process:
        output, _ = process.communicate(timeout=START_S)
    assert process.returncode == 1
    assert output.startswith(f"There is no database in {tmp_path / 'data'}")
    assert not (tmp_path / "data").exists()


async def test_rates_come_from_two_looks(ctx: Context) -> None:
    await add(ctx, job("http", "mail"))
    first = await overview.look(ctx.app, ALL)
    assert first.flows is None
    again = await overview.look(ctx.app, ALL, first)
    assert again.flows == {}
    assert re.search(r" s +0 +0 *$", line(printed(again), "mail"))


async def test_a_filter_leaves_one_tenant_or_queue(ctx: Context, other_ctx: Context) -> None:
    await add(ctx, job("http", "mail"), job("http", "reports"))
    await add(other_ctx, job("http", "mail"))

    async def keys(**wanted: str) -> list[tuple[str, str]]:
        return [queue.key for queue in (await overview.look(ctx.app, Wanted(**wanted))).queues]

    mine, others = ctx.actor.tenant_id, other_ctx.actor.tenant_id
    assert await keys(queue="mail") == [(mine, "mail"), (others, "mail")]
    assert await keys(tenant=others) == [(others, "mail")]
    assert await keys(tenant=f"first {mine}", queue="reports") == [(mine, "reports")]
    assert await keys(tenant="nobody") == []


async def test_waits_of_graphs_are_shown_as_such(ctx: Context) -> None:
    new = {"tasks": [{"slug": "w", "wait": {"for": "answer"}}]}
    await graphs.create_graph(ctx, msgspec.convert(new, NewGraph))
    text = printed(await overview.look(ctx.app, ALL))
    assert "waits of graphs 1 " in text.splitlines()[1]
    assert re.search(r" +0 +0 +0 +0 +0 .*waits of graphs 1", line(text, "builds, exports"))


async def test_a_count_at_its_bound_says_so(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "MOST", 5)
    monkeypatch.setattr(top, "MOST", 5)
    await add(ctx, *(job("http", "mail") for _ in range(9)))
    text = printed(await overview.look(ctx.app, ALL))
    assert "ready 5+  delayed 0" in text
    assert " 5+ " in line(text, "mail")


async def test_a_worker_may_not_write_into_the_operators_terminal(
    ctx: Context, database: str
) -> None:
    name = "evil\x1b[2J\n[red]"
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO job_worker (tenant_id, id, name, kinds, queues, slots) "
            "VALUES (%s, 'wrk_x', %s, '{thumbnail.make}', '{mail}', 4)",
            (ctx.actor.tenant_id, name),
        )
    text = printed(await overview.look(ctx.app, ALL))
    assert "\x1b" not in text
    assert "0 of 4" in line(text, "evil\ufffd[2J\ufffd[red]", "thumbnail.make in mail")


async def test_a_lost_database_leaves_the_last_frame_under_a_line_that_says_so(
    ctx: Context,
) -> None:
    await add(ctx, job("http", "mail"))
    shown = await overview.look(ctx.app, ALL)
    text = drawn(top.away(shown, ALL, 12.0, Unavailable("The database is away.")))
    assert text.startswith("No answer from the database for 12 s: The database is away.")
    assert "mail" in text
