"""Two tenants of the running product, each with something in it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Live
from tests.contract import seed
from tests.contract.seed import Tenant


@pytest.fixture(scope="session")
def tenants(live: Live) -> tuple[Tenant, Tenant]:
    """Two tenants, filled at the same time."""
    mine, theirs = (seed.new_tenant(live, name) for name in ("mine", "theirs"))
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(seed.fill, (mine, theirs))
    return first, second


@pytest.fixture
def mine(tenants: tuple[Tenant, Tenant]) -> Tenant:
    """The caller's tenant."""
    return tenants[0]


@pytest.fixture
def theirs(tenants: tuple[Tenant, Tenant]) -> Tenant:
    """Another tenant."""
    return tenants[1]
