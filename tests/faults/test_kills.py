"""Worker processes that are killed or stopped: another finishes the run, once."""

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import psycopg
import pygit2
import pytest

from services import runs
from tests.faults.conftest import MARK, Site, sleeping

ONCE = f"[ $scope != openapi.yaml ] || sleep {MARK}"
"""The first task of the plan does not end by itself."""


@pytest.fixture(autouse=True)
async def nothing_is_left(site: Site) -> AsyncIterator[None]:
    """No process of an agent outlives its test."""
    yield
    await site.until(lambda: not sleeping(), 5)


async def check(site: Site) -> None:
    """Every task ended once, in a log without gaps, with one commit on its branch."""
    stored = await site.events()
    assert [event.seq for event in stored] == list(range(1, len(stored) + 1))
    ends = Counter(e.task_id for e in stored if e.event_type == "TASK_COMPLETED")
    assert set(ends.values()) == {1}
    assert len(ends) == len(site.tasks())
    written = Counter(e.payload["path"] for e in stored if e.event_type == "FILE_CREATED")
    assert set(written.values()) == {1}
    assert [str(e.event_type) for e in stored].count("RUN_COMPLETED") == 1
    for name, (_, attempt) in site.tasks().items():
        starts = [e.payload["attempt"] for e in stored if is_start(e, name)]
        assert starts == sorted(set(starts)), name
        assert starts[-1] == attempt, name
    repo = site.repository
    for name in repo.references:
        if "/feat/" in name:
            assert own_commits(repo, name) == 1, name


def is_start(event: Any, slug: str) -> bool:
    return bool(event.event_type == "TASK_STARTED" and event.payload["slug"] == slug)


def own_commits(repo: pygit2.Repository, name: str) -> int:
    """Commits of a branch that are no merge and on no other task's branch."""
    others = [
        repo.references[other].target
        for other in repo.references
        if "/feat/" in other and other != name
    ]
    walk = repo.walk(repo.references[name].target)
    for other in others:
        if not repo.descendant_of(other, repo.references[name].target):
            walk.hide(other)
    base = [c for c in repo.walk(repo.references[name].target) if c.message.startswith("Begin")]
    for commit in base:
        walk.hide(commit.id)
    return sum(1 for commit in walk if len(commit.parents) == 1)


@pytest.fixture(scope="module")
def trees() -> set[str]:
    """The trees of `main` that the tests of this module have ended with."""
    return set()


async def test_a_worker_killed_in_a_task_is_replaced_after_its_lease(
    site: Site, trees: set[str]
) -> None:
    site.program(before=ONCE)
    await site.start()
    with site.worker() as first:
        await site.until(sleeping)
        first.kill()
        await site.until(lambda: not sleeping(), 2)
    assert len(site.worktrees()) == 2  # the folder, and the repository's entry for it
    site.program()
    with site.worker():
        run = await site.finish()
    assert run.status == "succeeded", run.error
    assert site.tasks()["contract"] == ("succeeded", 2)
    assert {attempt for slug, (_, attempt) in site.tasks().items() if slug != "contract"} == {1}
    assert await site.swept() == []
    await check(site)
    trees.add(site.tree())


MOMENTS = {
    # What has to be so, the table that is then locked, what waits for it: the transaction that
    # records the step, after its refs have moved.
    "decompose": ("SELECT 1", "task_dependency"),
    "code": ("SELECT 1 FROM task WHERE kind = 'build.code' AND status = 'running'", "event"),
    "merge": ("SELECT 1 FROM run WHERE status = 'merging'", "event"),
    "verify": ("SELECT 1 FROM run WHERE status = 'verifying'", "project"),
}


@contextlib.contextmanager
def locked(site: Site, table: str) -> Iterator[Callable[[], Any]]:
    """Hold up whoever writes to a table; tells whether someone waits."""
    with psycopg.connect(site.url) as connection:
        connection.execute(f"LOCK TABLE {table} IN SHARE MODE".encode())
        yield lambda: site.rows(
            "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = %s::regclass", table
        )


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_worker_killed_while_it_records_a_step_changes_no_result(
    site: Site, trees: set[str], moment: str
) -> None:
    condition, table = MOMENTS[moment]
    await site.start()
    with contextlib.ExitStack() as stack:
        if moment == "decompose":
            waiting = stack.enter_context(locked(site, table))
        first = stack.enter_context(site.worker())
        await site.until(lambda: site.rows(condition))
        if moment != "decompose":
            waiting = stack.enter_context(locked(site, table))
        await site.until(waiting)
        first.kill()
        first.wait()
    with site.worker():
        run = await site.finish()
    assert run.status == "succeeded", run.error
    assert await site.swept() == []
    await check(site)
    trees.add(site.tree())
    assert len(trees) == 1
    assert site.refs()["refs/heads/main"] == site.refs()[f"refs/tags/run-{run.run_number}"]


async def test_a_stopped_workers_late_writes_are_refused(site: Site) -> None:
    site.program(before="[ $scope != openapi.yaml ] || sleep 4")
    await site.start()
    with site.worker() as first:
        running = "SELECT 1 FROM task WHERE slug = 'contract' AND worktree_path IS NOT NULL"
        await site.until(lambda: site.rows(running))
        first.send_signal(signal.SIGSTOP)
        stopped_at = time.monotonic()
        site.program()
        with site.worker():
            run = await site.finish()
            assert run.status == "succeeded", run.error
            await asyncio.sleep(max(0.0, 6.5 - (time.monotonic() - stopped_at)))
            refs, stored = site.refs(), await site.events()
            first.send_signal(signal.SIGCONT)
            await site.until(lambda: not site.worktrees(), 5)  # it tidies up after itself
            await asyncio.sleep(1.5)
        assert first.poll() is None
    assert site.refs() == refs
    assert await site.events() == stored
    assert site.tasks()["contract"] == ("succeeded", 2)
    await check(site)


async def test_cancelling_ends_the_program_within_two_seconds(site: Site) -> None:
    site.program(before=ONCE)
    await site.start()
    with site.worker():
        await site.until(sleeping)
        await runs.cancel_run(site.ctx, site.project_id, site.run_id)
        await site.until(lambda: not sleeping(), 2)
        await site.until(lambda: not site.worktrees(), 2)
        await asyncio.sleep(0.5)
    stored = await site.events()
    assert stored[-1].event_type == "RUN_COMPLETED"
    assert {status for status, _ in site.tasks().values()} == {"succeeded", "cancelled"}
    assert site.tasks()["contract"] == ("cancelled", 1)


async def test_two_workers_build_one_run_together(site: Site) -> None:
    site.program(before="sleep 0.5")
    await site.start()
    seen: set[str] = set()

    def ended() -> bool:
        seen.update(w for (w,) in site.rows("SELECT worker_id FROM ready WHERE worker_id <> ''"))
        return bool(site.rows("SELECT 1 FROM run WHERE completed_at IS NOT NULL"))

    with site.worker(), site.worker():
        await site.until(lambda: len(site.rows("SELECT 1 FROM worker")) == 2)
        await site.until(ended, 40)
    run = await site.finish()
    assert run.status == "succeeded", run.error
    assert len(seen) == 2
    assert {attempt for _, attempt in site.tasks().values()} == {1}
    assert site.worktrees() == []
    await check(site)
