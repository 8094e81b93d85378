"""Fixtures of the walks: two tenants of the running product, each with something in it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Live
from tests.contract import seed
from tests.contract.asking import World
from tests.contract.seed import Tenant


@pytest.fixture(scope="session")
def tenants(live: Live) -> Iterator[tuple[Tenant, Tenant]]:
    """Two tenants, filled at the same time; after all tests the log holds no trace and no key."""
    mine, theirs = (seed.new_tenant(live, name) for name in ("mine", "theirs"))
    with ThreadPoolExecutor() as pool:
        list(pool.map(seed.fill, (mine, theirs)))
    yield mine, theirs
    log = (live.data_dir / "prazium.log").read_text(errors="replace")
    assert "Traceback" not in log
    assert not any(key in log for key in (live.key, mine.key, theirs.key))


@pytest.fixture
def mine(tenants: tuple[Tenant, Tenant]) -> Tenant:
    """The caller's tenant."""
    return tenants[0]


@pytest.fixture
def theirs(tenants: tuple[Tenant, Tenant]) -> Tenant:
    """Another tenant."""
    return tenants[1]


@pytest.fixture
def stopped(mine: Tenant) -> Iterator[None]:
    """Runs that a test starts are cancelled after it."""
    yield
    for project in mine.call("GET", "/projects", params={"status": "building"}):
        run_id = project["latestRun"]["id"]
        mine.http.post(f"/projects/{project['id']}/runs/{run_id}/cancel")


@pytest.fixture
def world(live: Live, mine: Tenant, theirs: Tenant) -> World:
    """Ways to ask the running product."""
    return World(live, mine, theirs)
