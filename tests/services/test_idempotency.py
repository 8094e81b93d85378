"""Claims of idempotency keys on a real database: what is kept, what is undone, who may act."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from aiohttp import web

from db.queries import Query
from generated.models import CreateProject, RegenerateSpec, SubmitAnswers, UpdateProject
from services import idempotency, projects, specs
from services.context import App, Context
from services.errors import KeyInFlight, KeyReused, NotFound, Unavailable
from services.idempotency import Answer, Claim
from tests.services.test_openai_agent import DOCUMENTS, QUESTIONS, says

NEW = CreateProject(name="Shop", description="A shop for tea.")
COUNT = Query("test.count", b"SELECT count(*) FROM project")
EVENTS = Query("test.events", b"SELECT count(*) FROM event")
HASH = b"the request"


async def claimed(ctx: Context, key: str = "key", request_hash: bytes = HASH) -> Claim:
    """A claim that is sure to be had."""
    taken = await idempotency.claim(ctx, "create_project", key, request_hash)
    assert isinstance(taken, Claim)
    return taken


async def once(ctx: Context, act: Callable[[Context], Awaitable[Any]], key: str = "key") -> Answer:
    """What the gateway does for a request with a key."""
    taken = await idempotency.claim(ctx, "create_project", key, HASH)
    if isinstance(taken, Answer):
        return taken
    async with taken:
        answer = Answer(201, {"location": "/v1/there"}, msgspec.json.encode(await act(taken.ctx)))
        await taken.complete(answer)
    return answer


async def create(ctx: Context) -> Any:
    return await projects.create_project(ctx, NEW)


async def count(ctx: Context, query: Query = COUNT) -> int:
    async with ctx.transaction() as tx:
        return int(await tx.value(query))


@pytest.fixture
def owner(database: str) -> Any:
    """The database's owner, who sees past the policies."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def age(owner: psycopg.Connection, by: timedelta) -> None:
    """Let time go by for all keys."""
    owner.execute(
        "UPDATE idempotency_key SET expires_at = expires_at - %(by)s,"
        " lease_until = lease_until - %(by)s",
        {"by": by},
    )


async def test_the_second_time_the_first_answer_is_given(ctx: Context) -> None:
    first = await once(ctx, create)
    assert await once(ctx, create) == first
    assert await count(ctx) == 1


async def test_a_repeated_request_leaves_the_kept_reads_of_its_tenant_good(ctx: Context) -> None:
    tenant, cache = ctx.actor.tenant_id, ctx.app.cache
    cache.put(await cache.note(tenant, "/projects"), b"none")
    await once(ctx, create)
    assert cache.get(tenant, "/projects") is None

    async def kept() -> bool:
        cache.put(await cache.note(tenant, "/projects"), b"one")
        await once(ctx, create)
        return cache.get(tenant, "/projects") is not None

    # The hint of the first request may come back in between, but only once.
    assert await kept() or await kept()


async def test_an_effect_is_seen_only_together_with_its_answer(ctx: Context) -> None:
    async with await claimed(ctx) as claim:
        await create(claim.ctx)
        assert await count(ctx) == 0
        await claim.complete(Answer(201, {}, b"{}"))
    assert await count(ctx) == 1


async def test_an_effect_is_rolled_back_if_its_answer_cannot_be_given(ctx: Context) -> None:
    async def act(keyed: Context) -> None:
        await create(keyed)
        raise ValueError("the answer does not match the contract")

    with pytest.raises(ValueError, match="contract"):
        await once(ctx, act)
    assert (await count(ctx), await count(ctx, EVENTS)) == (0, 0)
    assert (await once(ctx, create)).status == 201


async def test_a_request_that_fails_leaves_its_key_free_for_another(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await once(ctx, lambda keyed: projects.get_project(keyed, "proj_none"))
    async with await claimed(ctx, request_hash=b"another request"):
        pass


async def test_a_cancelled_request_leaves_its_key_free(ctx: Context) -> None:
    begun = asyncio.Event()

    async def act(keyed: Context) -> None:
        await create(keyed)
        begun.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(once(ctx, act))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count(ctx) == 0
    await once(ctx, create)


async def test_who_has_lost_the_claim_commits_nothing(
    ctx: Context, owner: psycopg.Connection
) -> None:
    async with await claimed(ctx) as late:
        await projects.create_project(late.ctx, CreateProject(name="Late", description="Late."))
        age(owner, timedelta(seconds=idempotency.LEASE_S))
        answer = await once(ctx, create)
        with pytest.raises(KeyInFlight):
            await late.complete(Answer(201, {}, b"late"))
    assert await count(ctx) == 1
    assert await once(ctx, create) == answer


async def test_who_has_lost_the_claim_commits_no_step_on_the_way(
    ctx: Context, owner: psycopg.Connection
) -> None:
    async with await claimed(ctx) as late:
        await create(late.ctx)
        age(owner, timedelta(seconds=idempotency.LEASE_S))
        async with await claimed(ctx):
            with pytest.raises(KeyInFlight):
                await projects.get_project(late.ctx, "proj_none")
    assert await count(ctx) == 0


async def test_the_claim_of_a_lost_process_is_free_after_its_lease(
    ctx: Context, owner: psycopg.Connection
) -> None:
    await claimed(ctx)
    age(owner, timedelta(seconds=idempotency.LEASE_S - 2))
    with pytest.raises(KeyInFlight):
        await once(ctx, create)
    age(owner, timedelta(seconds=2))
    assert (await once(ctx, create)).status == 201


async def test_a_request_that_takes_long_keeps_its_claim(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "LEASE_S", 0.3)
    async with await claimed(ctx) as claim:
        await asyncio.sleep(0.8)
        with pytest.raises(KeyInFlight):
            await once(ctx, create)
        await create(claim.ctx)
        await claim.complete(Answer(201, {}, b"{}"))
    assert await count(ctx) == 1


async def test_a_key_at_work_is_in_flight_and_of_another_request_it_is_reused(
    ctx: Context, other_ctx: Context
) -> None:
    async with await claimed(ctx):
        with pytest.raises(KeyInFlight):
            await once(ctx, create)
        with pytest.raises(KeyReused):
            await claimed(ctx, request_hash=b"another request")
        async with await claimed(other_ctx):
            pass


async def test_of_many_at_once_one_acts(ctx: Context) -> None:
    async def attempt() -> Answer | None:
        try:
            return await once(ctx, create)
        except (KeyInFlight, Unavailable):  # the second, if the pool is too small for all of them
            return None

    answers = [answer for answer in await asyncio.gather(*(attempt() for _ in range(20))) if answer]
    assert len(answers) >= 1
    assert all(answer == answers[0] for answer in answers)
    assert await count(ctx) == 1


async def test_a_key_acts_anew_after_a_day(ctx: Context, owner: psycopg.Connection) -> None:
    project = await projects.create_project(ctx, NEW)
    change = UpdateProject(description="Tea and cake.")

    async def act(keyed: Context) -> Any:
        return await projects.update_project(keyed, project.id, change)

    for hours, updates in ((0, 1), (23, 1), (1, 2)):
        age(owner, timedelta(hours=hours))
        await once(ctx, act)
        assert await count(ctx, EVENTS) == 1 + updates


async def test_expired_keys_of_all_tenants_are_swept_and_no_others(
    app: App,
    ctx: Context,
    other_ctx: Context,
    owner: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idempotency, "SWEEP", 2)
    for caller in (ctx, other_ctx):
        for number in range(5):
            await claimed(caller, f"old-{number}")
    age(owner, timedelta(hours=idempotency.KEPT_HOURS))
    await claimed(ctx, "new")
    assert await idempotency.expire(app) == 10
    assert owner.execute("SELECT key FROM idempotency_key").fetchall() == [("new",)]


async def test_a_transaction_commits_when_the_next_one_begins(ctx: Context) -> None:
    async with await claimed(ctx) as claim:
        project = await create(claim.ctx)
        await projects.get_project(claim.ctx, project.id)
        assert await count(ctx) == 1
        await claim.complete(Answer(201, {}, b"{}"))


async def test_a_transaction_within_another_is_committed_before_it(ctx: Context) -> None:
    async with await claimed(ctx) as claim:
        async with claim.ctx.transaction():
            await create(claim.ctx)
        assert await count(ctx) == 1
        await claim.complete(Answer(201, {}, b"{}"))


async def test_what_is_to_be_committed_at_once_is(ctx: Context) -> None:
    insert = Query(
        "test.insert", b"INSERT INTO project (id, name, description) VALUES ('proj_1', 'n', 'd')"
    )
    async with await claimed(ctx) as claim:
        async with claim.ctx.transaction(at_once=True) as tx:
            await tx.run(insert)
        assert await count(ctx) == 1


async def test_what_changes_nothing_has_its_answer_kept_too(ctx: Context) -> None:
    async def act(keyed: Context) -> str:
        return "nothing"

    first = await once(ctx, act)
    assert await once(ctx, create) == first


async def test_a_database_that_is_lost_at_the_commit_is_unavailable(
    ctx: Context, owner: psycopg.Connection
) -> None:
    async with await claimed(ctx) as claim:
        await create(claim.ctx)
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with pytest.raises(Unavailable):
            await claim.complete(Answer(201, {}, b"{}"))


@pytest.fixture
async def with_agent(ctx: Context, owner: psycopg.Connection) -> AsyncIterator[Context]:
    """A caller whose model answers 500 if it finds a transaction open."""
    opened = (
        b"SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state ~ 'idle in'"
    )

    async def handle(request: web.Request) -> web.StreamResponse:
        if owner.execute(opened).fetchone():
            return web.Response(status=500)
        wanted = DOCUMENTS if "ROUTES.md" in await request.text() else QUESTIONS
        return await says(wanted)(request)

    served = web.Application()
    served.router.add_post("/v1/chat/completions", handle)
    runner = web.AppRunner(served, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    url = f"http://{host}:{port}/v1"
    settings = msgspec.structs.replace(
        ctx.settings, agent="openai", openai_api_key="sk-1", openai_base_url=url
    )
    yield replace(ctx, app=replace(ctx.app, settings=settings))
    await runner.cleanup()


async def test_no_transaction_is_open_while_the_agent_works(with_agent: Context) -> None:
    project = await projects.create_project(with_agent, NEW)
    steps: list[Callable[[Context], Awaitable[Any]]] = [
        lambda keyed: specs.clarify_project(keyed, project.id),
        lambda keyed: specs.submit_answers(keyed, project.id, SubmitAnswers(answers=[])),
        lambda keyed: specs.regenerate_spec(keyed, project.id, RegenerateSpec()),
    ]
    for number, step in enumerate(steps):
        await once(with_agent, step, str(number))
