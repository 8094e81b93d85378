"""Jobs over HTTP: the gateway in this process, on the test's own database."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from db.pool import jsonb
from db.queries import Query
from handlers.gateway.app import create_app
from services import keys, results
from services.compiled import hash_of
from services.context import App, Context, new_id, system_transaction
from services.engine import claim, complete
from services.engine.claim import Lease, LeaseLost, TaskRow
from services.engine.lanes import Heads
from services.settings import Settings

Json = dict[str, Any]
KIND = "thumbnail.make"
SCHEMA = {"type": "object", "properties": {"width": {"type": "integer"}}}
REGISTER = Query(
    "test.register",
    b"INSERT INTO job_kind (name, description, input_schema, input_hash) "
    b"VALUES (%(name)s, 'Made by the tests.', %(schema)s, %(hash)s)",
)


@dataclass(frozen=True)
class Caller:
    """A tenant with a key, over HTTP."""

    http: httpx.AsyncClient
    ctx: Context
    owner: psycopg.Connection

    async def call(self, method: str, path: str, **request: Any) -> Any:
        """The data of an answer that must be a success."""
        answer = await self.http.request(method, path, **request)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def create(self, **fields: Any) -> str:
        """A new job; its id."""
        job = await self.call("POST", "/orchestrator/jobs", json={"kind": KIND, **fields})
        return str(job["id"])

    async def get(self, job_id: str) -> Json:
        """The job as it is now."""
        job: Json = await self.call("GET", f"/orchestrator/jobs/{job_id}")
        return job

    async def events(self, job_id: str) -> list[str]:
        """The types of the job's events, after a look at their numbers."""
        listed = await self.call("GET", f"/orchestrator/jobs/{job_id}/events")
        assert [event["seq"] for event in listed] == list(range(1, len(listed) + 1))
        return [event["eventType"] for event in listed]

    async def claim(self, kind: str = KIND, slots: int = 1) -> list[Lease]:
        """Claim as a worker does."""
        async with system_transaction(self.ctx.app) as tx:
            return await claim.claim(
                tx,
                Heads(),
                worker_id=new_id("wrk"),
                kinds=[f"job.{kind}"],
                slots=slots,
                lease_seconds=30,
            )

    async def begin(self, kind: str = KIND) -> TaskRow:
        """Claim one job and begin it."""
        leases = await self.claim(kind)
        async with self.ctx.transaction() as tx:
            [task] = await claim.begin(tx, leases)
        return task

    async def finish(self, task: TaskRow, result: object = None) -> bool:
        """Record a result as a worker does; False if the lease is lost."""
        done = await results.completion(self.ctx, task.run_id, result)
        try:
            async with self.ctx.transaction() as tx:
                await complete.complete_task(tx, {}, task, done)
        except LeaseLost:
            return False
        return True

    async def succeed(self, result: object = None, **fields: Any) -> str:
        """A job that has succeeded; its id."""
        job_id = await self.create(**fields)
        assert await self.finish(await self.begin(), result)
        return job_id

    async def late(self) -> str:
        """A job that has succeeded, and whose deadline has passed since; its id."""
        ahead = datetime.now(UTC) + timedelta(minutes=1)
        job_id = await self.succeed(deadline=ahead.isoformat(), priority=9)
        past = "options || jsonb_build_object('deadline', now() - interval '1 second')"
        self.owner.execute(f"UPDATE run SET options = {past} WHERE id = %s".encode(), [job_id])
        return job_id

    async def fail(self, **fields: Any) -> str:
        """A job that has failed for good; its id."""
        job_id = await self.create(**fields)
        claim = {"queues": ["default"], "kinds": [KIND]}
        [job] = (await self.call("POST", "/worker/claim", json=claim))["jobs"]
        told = {"error": {"code": "BAD", "message": "No."}, "retryable": False}
        body = told | {"leaseToken": job["leaseToken"]}
        state = await self.call("POST", f"/worker/jobs/{job_id}/fail", json=body)
        assert state == {"id": job_id, "status": "failed"}
        return job_id

    def rows(self, statement: str, *parameters: Any) -> list[Any]:
        """Look into the database past the policies."""
        return self.owner.execute(statement.encode(), parameters).fetchall()

    def digest(self) -> str:
        """A hash over everything that is stored of jobs."""
        tables = ("run", "task", "ready", "event", "dedupe", "job_log", "queue", "lane")
        found = [
            self.rows(f"SELECT t::text, xmin FROM {table} AS t ORDER BY 1") for table in tables
        ]
        return hashlib.sha256(repr(found).encode()).hexdigest()


def fields(answer: httpx.Response) -> list[str]:
    """The fields that a validation error names."""
    assert answer.status_code == 400, answer.text
    return [entry["field"] for entry in answer.json()["error"]["details"]]


@pytest.fixture(scope="session")
def gateway() -> ASGIApp:
    """The whole application; every answer is held against the contract."""
    application: ASGIApp = create_app(Settings(environment="development"), "")
    return application


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection]:
    """A connection of the database's owner."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


async def caller_of(app: App, gateway: ASGIApp, owner: psycopg.Connection, tenant: str) -> Caller:
    """A tenant with a kind of its own."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        await gateway({**scope, "state": {"app": app}}, receive, send)

    secret = await keys.create_key(app, tenant, "tests", [*keys.ALL_SCOPES])
    actor = await keys.find_actor(app, secret)
    assert actor is not None
    ctx = Context(app, actor, new_id("req"))
    async with ctx.transaction() as tx:
        await tx.run(REGISTER, name=KIND, schema=jsonb(SCHEMA), hash=hash_of(SCHEMA))
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(served, raise_app_exceptions=False),
        base_url="http://test/v1",
        headers={"Authorization": f"Bearer {secret}"},
    )
    return Caller(http, ctx, owner)


@pytest.fixture
async def caller(app: App, gateway: ASGIApp, owner: psycopg.Connection) -> AsyncIterator[Caller]:
    """The caller."""
    made = await caller_of(app, gateway, owner, "mine")
    async with made.http:
        yield made


@pytest.fixture
async def stranger(app: App, gateway: ASGIApp, owner: psycopg.Connection) -> AsyncIterator[Caller]:
    """Another tenant."""
    made = await caller_of(app, gateway, owner, "theirs")
    async with made.http:
        yield made
