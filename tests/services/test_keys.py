"""API keys: their shape, their holder, their end."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services import keys
from services.context import App, opened
from services.errors import NotFound, ValidationFailed
from services.settings import Settings
from tests.faults.served import until


def test_a_secret_proves_itself_by_its_checksum() -> None:
    secret = keys.new_secret()
    assert keys.well_formed(secret)
    last = "A" if secret[-1] != "A" else "B"
    assert not keys.well_formed(secret[:-1] + last)
    assert not keys.well_formed("pzm_" + "a" * 30)


async def test_a_key_finds_its_tenant_and_scopes(app: App) -> None:
    secret = await keys.create_key(app, "Acme", "reader", ["projects:read"])
    actor = await keys.find_actor(app, secret)
    assert actor is not None
    assert actor.scopes == {"projects:read"}
    assert actor.tenant_id.startswith("ten_")


async def test_two_keys_of_a_name_belong_to_one_tenant(app: App) -> None:
    first = await keys.find_actor(app, await keys.create_key(app, "Acme", "one"))
    second = await keys.find_actor(app, await keys.create_key(app, "Acme", "two"))
    assert first is not None and second is not None
    assert first.tenant_id == second.tenant_id
    assert [key.name for key in await keys.list_keys(app, "Acme")] == ["one", "two"]


async def test_the_keys_of_a_tenant_that_there_is_not_are_not_an_empty_list(app: App) -> None:
    with pytest.raises(NotFound, match="There is no tenant Acme"):
        await keys.list_keys(app, "Acme")


async def test_the_secret_is_nowhere_in_the_database(app: App) -> None:
    secret = await keys.create_key(app, "Acme", "one")
    stored = (await keys.list_keys(app, "Acme"))[0]
    assert stored.last_four == secret[-4:]
    assert secret not in repr(stored)


async def test_a_revoked_key_opens_nothing_once_it_is_looked_up_again(app: App) -> None:
    secret = await keys.create_key(app, "Acme", "one")
    key = (await keys.list_keys(app, "Acme"))[0]
    assert await keys.revoke_key(app, key.id)
    assert not await keys.revoke_key(app, key.id)
    assert await keys.find_actor(app, secret) is None


async def test_a_key_is_listed_with_what_became_of_it(app: App) -> None:
    ends = datetime.now(UTC)
    for name, end in (("live", None), ("later", ends + timedelta(days=1)), ("expired", ends)):
        await keys.create_key(app, "Acme", name, expires_at=end)
    gone = (await keys.list_keys(app, "Acme"))[0]
    await keys.revoke_key(app, gone.id)
    states = [keys.state_of(key) for key in await keys.list_keys(app, "Acme")]
    assert states == ["revoked", "live", "expired"]


async def test_a_key_is_not_looked_up_at_every_request(app: App) -> None:
    await until(lambda: app.cache.trusted)  # then hints are heard, and nothing is forgotten
    secret = await keys.create_key(app, "Acme", "one")
    first = await keys.find_actor(app, secret)
    assert await keys.find_actor(app, secret) is first
    app.actors.regained()
    assert await keys.find_actor(app, secret) is not first


async def test_a_key_that_another_process_revokes_opens_nothing_at_once(
    app: App, settings: Settings, database: str
) -> None:
    secret = await keys.create_key(app, "Acme", "one")
    assert await keys.find_actor(app, secret) is not None
    key = (await keys.list_keys(app, "Acme"))[0]
    with app.hints.subscribe("key", keys.digest(secret).hex()) as revoked:
        async with opened(settings, database) as other:
            await keys.revoke_key(other, key.id)
        await asyncio.wait_for(revoked.wait(), timeout=2)
    assert await keys.find_actor(app, secret) is None


async def test_a_scope_that_there_is_not_is_refused(app: App) -> None:
    with pytest.raises(ValidationFailed, match="projects:raed"):
        await keys.create_key(app, "Acme", "typo", ["projects:raed"])


async def test_a_key_knows_its_queues(app: App) -> None:
    narrow = await keys.create_key(app, "queued", "narrow", queues=["a", "b"])
    wide = await keys.create_key(app, "queued", "wide")
    found = [await keys.find_actor(app, secret) for secret in (narrow, wide)]
    assert [actor and actor.queues for actor in found] == [frozenset({"a", "b"}), None]
    assert [key.queues for key in await keys.list_keys(app, "queued")] == [["a", "b"], None]


@pytest.mark.parametrize("queue", ["", "A", "_own", "a b", "q" * 65])
async def test_a_key_is_not_made_for_what_cannot_be_a_queue(app: App, queue: str) -> None:
    with pytest.raises(ValidationFailed):
        await keys.create_key(app, "queued", "wrong", queues=[queue])


async def test_unknown_keys_do_not_queue_before_everybodys(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = await keys.create_key(app, "acme", "ci")
    actor = await keys.find_actor(app, secret)
    assert actor is not None
    app.actors.put(keys.digest(secret), actor)  # whatever hint of its creation came meanwhile
    monkeypatch.setattr(keys, "MOST_ASKED", 1)
    first, second = keys.new_secret(), keys.new_secret()
    found = await asyncio.gather(
        *(keys.find_actor(app, one) for one in (first, second, secret)), return_exceptions=True
    )
    assert [type(one).__name__ for one in found] == ["NoneType", "Overloaded", "Actor"]
