"""A project whose coding agent is a program of the test, built by real worker processes."""

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pygit2
import pytest

from generated.models import AgentName, CreateProject, Event, Failure, Run, StartRun, SubmitAnswers
from scripts.stack import child
from services import builds, events, folders, projects, runs, specs
from services.context import App, Context
from services.engine import retry, worker
from services.engine.worker import Worker
from services.run_kinds import KINDS
from services.settings import Settings

MARK = "61.4321"
"""How long the program sleeps where it is to be found sleeping."""

CODER = r"""#!/bin/sh
# Writes each file of the task's path scope, small but enough to pass the verification.
scope=$(sed -n '/^Path scope:$/,/^Expected outputs:$/s/^- //p')
put() { mkdir -p "$(dirname "$1")"; cat > "$1"; }
%(before)s
for file in $scope; do
  case $file in
    openapi.yaml) put $file <<'EOF'
openapi: 3.0.3
info: {title: Small, version: 1.0.0}
paths: {}
EOF
    ;;
    app.json) echo '{"health": "/"}' | put $file;;
    scripts/test) printf '#!/bin/sh\n%(test)s\n' | put $file; chmod +x $file;;
    scripts/start)
      printf '#!/bin/sh\nexec "$APP_PYTHON" -m http.server -b "$HOST" "$PORT"\n' | put $file
      chmod +x $file;;
    *) echo "$file" | put $file;;
  esac
done
%(after)s
"""


class Site:
    """One project with an approved spec, the folder it is built in, and who builds it."""

    def __init__(self, ctx: Context, url: str, folder: Path) -> None:
        self.ctx = ctx
        self.url = url
        self.folder = folder
        self.project_id = ""
        self.run_id = ""
        self.owner = psycopg.connect(url, autocommit=True)

    @property
    def settings(self) -> Settings:
        return self.ctx.settings

    def program(self, *, before: str = "", after: str = "", test: str = "echo 1 passed") -> None:
        """Write the coding agent; `before` and `after` surround its work."""
        coder = self.folder / "coder"
        coder.write_text(CODER % {"before": before, "after": after, "test": test})
        coder.chmod(0o755)

    async def start(self) -> None:
        """From the description to a live run."""
        new = CreateProject(name="Small", description="A list of books.")
        self.project_id = (await projects.create_project(self.ctx, new)).id
        await specs.clarify_project(self.ctx, self.project_id)
        await specs.submit_answers(self.ctx, self.project_id, SubmitAnswers(answers=[]))
        await specs.approve_spec(self.ctx, self.project_id)
        request = StartRun(agent=AgentName.command)
        self.run_id = (await runs.start_run(self.ctx, self.project_id, request)).id

    @contextlib.contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker process."""
        given = msgspec.structs.asdict(self.settings) | {"database_url": self.url}
        env = os.environ | {f"PRAZIUM_{name.upper()}": str(value) for name, value in given.items()}
        with child(["worker"], env, self.folder / "worker.log") as process:
            yield process

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A worker inside the test's process."""
        stop = asyncio.Event()
        task = asyncio.create_task(Worker(self.ctx.app, KINDS).run(stop))
        yield
        stop.set()
        await task

    async def fail(self) -> tuple[Run, Failure]:
        """Build to the end with a worker in this process; the failed run, and why."""
        await self.start()
        async with self.working():
            run = await self.finish()
        assert run.status == "failed"
        assert run.error is not None
        return run, run.error

    async def finish(self, seconds: float = 40.0) -> Run:
        """Wait for the end of the run."""
        ended = "SELECT 1 FROM run WHERE id = %s AND completed_at IS NOT NULL"
        await self.until(lambda: bool(self.rows(ended, self.run_id)), seconds)
        return await runs.get_run(self.ctx, self.project_id, self.run_id)

    async def until(self, condition: Callable[[], Any], seconds: float = 20.0) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (self.folder / "worker.log").read_text()[-3000:]
            await asyncio.sleep(0.01)

    def rows(self, statement: str, *parameters: Any) -> list[Any]:
        """Look into the database past the policies."""
        return self.owner.execute(statement.encode(), parameters).fetchall()

    def tasks(self) -> dict[str, Any]:
        """Status and attempt of the tasks by slug."""
        found = self.rows("SELECT slug, status, attempt FROM task WHERE run_id = %s", self.run_id)
        return {slug: (status, attempt) for slug, status, attempt in found}

    async def events(self) -> list[Event]:
        """The log of the run."""
        return await events.list_events(
            self.ctx, self.project_id, self.run_id, None, None, None, None, 1000
        )

    @property
    def repository(self) -> pygit2.Repository:
        return pygit2.Repository(str(folders.repository(self.settings, self.project_id)))

    def refs(self) -> dict[str, str]:
        """All refs with their commits."""
        repo = self.repository
        return {name: str(repo.references[name].target) for name in repo.references}

    def tree(self) -> str:
        """The tree of `main`."""
        return str(self.repository.references["refs/heads/main"].peel(pygit2.Tree).id)

    def worktrees(self) -> list[Path]:
        """Folders of worktrees, and the repository's entries for them."""
        data = self.settings.data_dir
        return [*data.glob("workspaces/*/wt/*"), *data.glob("repos/*.git/worktrees/*")]

    async def swept(self) -> list[Path]:
        """What is left of worktrees after housekeeping."""
        await builds.sweep(self.ctx.app)
        return self.worktrees()


def sleeping() -> list[int]:
    """The processes, anywhere on the machine, that sleep as the programs of these tests do."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if MARK.encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Short leases, and the test's own program as the agent."""
    return msgspec.structs.replace(
        settings,
        lease_seconds=2.0,
        agent_command=str(tmp_path / "coder"),
        agent_timeout=100.0,
        verify_timeout=60,
        pool_size=4,
        worker_concurrency=2,
    )


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses for workers inside the test's process."""
    monkeypatch.setattr(retry, "BASE_S", 0.02)
    monkeypatch.setattr(worker, "POLL_S", 0.1)
    monkeypatch.setattr(worker, "DRAIN_S", 0.5)


@pytest.fixture
async def site(app: App, ctx: Context, database: str, tmp_path: Path) -> AsyncIterator[Site]:
    """A site whose agent does its work well."""
    made = Site(ctx, database, tmp_path)
    (tmp_path / "worker.log").touch()
    made.program()
    yield made
    made.owner.close()
