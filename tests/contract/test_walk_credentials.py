"""Every secured operation without a good credential, and with a key that lacks its scope."""

import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services import keys
from services.context import App
from tests.conftest import Live
from tests.contract import seed
from tests.contract.seed import Tenant
from tests.contract.walk import OPERATIONS, SECURED, UNKNOWN, Operation, ask, check, each

SCOPES = sorted({operation.scope for operation in SECURED})
WRONG_CHECKSUM = "pzm_" + "a" * 30
CREDENTIALS = {
    "none": None,
    "empty": "",
    "basic": "Basic dXNlcjpwYXNz",
    "bearer_without_key": "Bearer",
    "wrong_checksum": f"Bearer {WRONG_CHECKSUM}",
    "well_formed_but_unknown": f"Bearer {keys.new_secret()}",
    "not_ascii": "Bearer pzm_\u00e4",
    "long": "Bearer " + "a" * 8000,
    "sql": "Bearer ' OR 1=1 --",
}


@pytest.fixture(scope="module")
def stranger(live: Live) -> httpx.Client:
    """A client without a credential."""
    return httpx.Client(base_url=live.url)


@pytest.fixture(scope="module")
def lacking(live: Live) -> dict[str, httpx.Client]:
    """For each scope a client whose key has all but this one."""
    return clients(live, {scope: [s for s in SCOPES if s != scope] for scope in SCOPES})


@pytest.fixture(scope="module")
def only(live: Live) -> dict[str, httpx.Client]:
    """For each scope a client whose key has nothing else."""
    return clients(live, {scope: [scope] for scope in SCOPES})


def clients(live: Live, wanted: dict[str, list[str]]) -> dict[str, httpx.Client]:
    """Clients by name whose keys have these scopes."""

    async def make(app: App) -> list[str]:
        return [await keys.create_key(app, "scoped", n, scopes) for n, scopes in wanted.items()]

    made = seed.in_the_database(live, make)
    return {name: seed.client(live, key) for name, key in zip(wanted, made, strict=True)}


@each(SECURED)
@pytest.mark.parametrize("credential", CREDENTIALS)
def test_without_a_good_credential_the_answer_is_401(
    stranger: httpx.Client, mine: Tenant, operation: Operation, credential: str
) -> None:
    value = CREDENTIALS[credential]
    headers = {} if value is None else {"Authorization": value.encode("latin-1")}
    answer = ask(stranger, operation, mine.ids, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@each(SECURED)
def test_a_key_in_the_query_is_no_credential(
    stranger: httpx.Client, mine: Tenant, operation: Operation
) -> None:
    query = {"api_key": mine.key, "access_token": mine.key}
    assert ask(stranger, operation, mine.ids, params=query).status_code == 401


@each(SECURED)
def test_who_is_unknown_learns_nothing_about_the_request(
    stranger: httpx.Client, operation: Operation
) -> None:
    answer = stranger.request(operation.method, operation.path(dict.fromkeys(UNKNOWN, "wrong")))
    check(answer)
    assert answer.status_code == 401


@each(SECURED)
def test_two_credentials_are_one_too_many(live: Live, mine: Tenant, operation: Operation) -> None:
    twice = [("Authorization", f"Bearer {mine.key}")] * 2
    with httpx.Client(base_url=live.url, headers=twice) as client:
        answer = ask(client, operation, mine.ids)
    assert answer.status_code == 400


@each(SECURED)
def test_a_key_without_the_scope_is_forbidden(
    lacking: dict[str, httpx.Client], mine: Tenant, operation: Operation
) -> None:
    answer = ask(lacking[operation.scope], operation, mine.ids)
    assert answer.status_code == 403
    assert operation.scope in answer.json()["error"]["message"]


@each(SECURED)
def test_a_key_with_the_scope_alone_is_enough(
    only: dict[str, httpx.Client], operation: Operation
) -> None:
    answer = ask(only[operation.scope], operation, UNKNOWN)
    assert answer.status_code in (200, 201, 404)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_is_read_in_any_case(live: Live, mine: Tenant, scheme: str) -> None:
    answer = httpx.get(f"{live.url}/projects", headers={"Authorization": f"{scheme} {mine.key}"})
    assert answer.status_code == 200


def test_an_expired_key_opens_nothing(live: Live) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    key = seed.in_the_database(
        live, lambda app: keys.create_key(app, "expired", "old", expires_at=past)
    )
    assert seed.client(live, key).get("/projects").status_code == 401


def test_a_revoked_key_opens_nothing(live: Live) -> None:
    async def make_and_revoke(app: App) -> str:
        key = await keys.create_key(app, "revoked", "gone")
        row = (await keys.list_keys(app, "revoked"))[-1]
        assert await keys.revoke_key(app, row.id)
        return key

    key = seed.in_the_database(live, make_and_revoke)
    assert seed.client(live, key).get("/projects").status_code == 401


def test_an_encoded_slash_opens_nothing_that_is_kept(live: Live) -> None:
    with seed.client(live, live.key) as client:
        project = client.post("/projects", json={"name": "Kept", "description": "A shop."})
        path = f"/projects/{project.json()['data']['id']}"
        key = seed.make_key(live, "local", ["projects:read"])
        assert client.get(f"{path}/runs").status_code == 200  # now it is kept
    with seed.client(live, key) as reader:
        assert reader.get(f"{path}/runs").status_code == 403
        assert reader.get(f"{path}%2Fruns").status_code == 400


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_a_stream_ends_soon_after_its_key(live: Live, mine: Tenant, end: str) -> None:
    expires = datetime.now(UTC) + timedelta(seconds=2) if end == "expired" else None
    project_id = seed.project_in(mine, "approved", f"Of a key that is {end}")
    run_id = seed.waiting_run(live, mine, project_id)
    key = seed.in_the_database(
        live, lambda app: keys.create_key(app, mine.name, end, expires_at=expires)
    )
    path = f"/projects/{project_id}/runs/{run_id}/events/stream"
    with seed.client(live, key) as client, client.stream("GET", path, timeout=5) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        if end == "revoked":
            seed.in_the_database(live, lambda app: revoke(app, mine.name, end))
        began = time.monotonic()
        assert not [line for line in lines if "RUN_COMPLETED" in line]
        assert time.monotonic() - began < 5
        while client.get(path).status_code != 401:
            assert time.monotonic() - began < 8  # a key that was found is remembered for a while


async def revoke(app: App, tenant: str, name: str) -> None:
    """Revoke the tenant's key of a name."""
    for row in await keys.list_keys(app, tenant):
        if row.name == name:
            assert await keys.revoke_key(app, row.id)


def test_health_readiness_and_the_contract_alone_are_public(stranger: httpx.Client) -> None:
    public = [operation for operation in OPERATIONS if not operation.scope]
    assert sorted(operation.id for operation in public) == [
        "get_contract",
        "get_health",
        "get_ready",
        "get_reference",
        "get_reference_file",
    ]
    assert all(operation.raw["security"] == [] for operation in public)
    assert all(ask(stranger, operation, {}).status_code == 200 for operation in public)


@pytest.mark.parametrize("name", ["health", "ready"])
def test_a_path_that_only_ends_like_a_public_one_is_secured(
    stranger: httpx.Client, mine: Tenant, name: str
) -> None:
    answer = stranger.get(f"/projects/{mine.ids['projectId']}/files/{name}")
    assert answer.status_code == 401
