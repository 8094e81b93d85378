"""Real parts for every test: PostgreSQL from the wheel, a database per test, live processes."""

import contextlib
import itertools
import os
import random
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from db import embedded
from db.migrate import migrate
from scripts.stack import free_port, running
from services import keys
from services.context import Actor, App, Context, new_id, opened, system_transaction
from services.settings import Settings

T = TypeVar("T")
COUNTER = itertools.count(1)


@dataclass(frozen=True)
class Live:
    """The product, running in processes of its own."""

    url: str
    key: str
    data_dir: Path

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 80)


def pytest_addoption(parser: pytest.Parser) -> None:
    """What scripts/faults asks for."""
    parser.addoption("--long", action="store_true", help="the long forms of the fault tests")
    parser.addoption("--seed", type=int, help="the seed of what is random in them")


def pytest_configure(config: pytest.Config) -> None:
    """One seed for all processes of a session."""
    if config.option.seed is None:
        config.option.seed = secrets.randbelow(10**6)


def pytest_report_header(config: pytest.Config) -> str:
    """The seed, to repeat what was seen."""
    return f"seed: {config.option.seed}"


@dataclass(frozen=True)
class Form:
    """How long a fault test is: short in CI, long under scripts/faults; and its seed."""

    name: str
    long: bool
    seed: int
    random: random.Random

    def pick(self, short: T, long: T) -> T:
        """What fits the form."""
        return long if self.long else short

    def say(self, **figures: object) -> None:
        """Report what was measured."""
        shown = (
            f"{name}={round(value, 1) if isinstance(value, float) else value}"
            for name, value in figures.items()
        )
        print(f"\n{self.name} seed={self.seed}:", *shown)


@pytest.fixture
def form(request: pytest.FixtureRequest) -> Form:
    """The form of this test."""
    option = request.config.option
    chance = random.Random(f"{option.seed} {request.node.name}")
    return Form(request.node.name, bool(option.long), option.seed, chance)


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> None:
    """No setting of whoever runs the tests reaches them."""
    for name in [name for name in os.environ if name.startswith("PRAZIUM_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """A PostgreSQL server of this test session's own."""
    with (
        tempfile.TemporaryDirectory(prefix="prazium-", ignore_cleanup_errors=True) as folder,
        embedded.server(Path(folder) / "postgres") as url,
    ):
        yield url


@pytest.fixture(scope="session")
def template(cluster: str) -> str:
    """A migrated database to clone."""
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute("CREATE DATABASE prazium_template")
    migrate(make_conninfo(cluster, dbname="prazium_template"))
    return "prazium_template"


@pytest.fixture
def database(cluster: str, template: str) -> Iterator[str]:
    """A fresh clone of the template; the URL of its owner."""
    with cloned(cluster, template) as url:
        yield url


@contextlib.contextmanager
def cloned(cluster: str, template: str) -> Iterator[str]:
    """A clone of the template, for as long as this is open; the URL of its owner."""
    name = f"test_{os.getpid()}_{next(COUNTER)}"
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield make_conninfo(cluster, dbname=name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own."""
    return Settings(data_dir=tmp_path / "data", log_level="warning")


@pytest.fixture
async def app(settings: Settings, database: str) -> AsyncIterator[App]:
    """The process's resources on the test's database."""
    async with opened(settings, database) as resources:
        yield resources


@pytest.fixture
async def ctx(app: App) -> Context:
    """A caller with every scope, in a tenant of its own."""
    return await tenant(app, "first")


@pytest.fixture
async def other_ctx(app: App) -> Context:
    """A caller in another tenant."""
    return await tenant(app, "second")


async def tenant(app: App, name: str) -> Context:
    """A caller with every scope in a new tenant."""
    tenant_id = new_id("ten")
    async with system_transaction(app) as tx:
        await tx.run(keys.sql.create_tenant, id=tenant_id, name=f"{name} {tenant_id}", tier="free")
    return Context(app, Actor(tenant_id, "test", frozenset(keys.ALL_SCOPES)), new_id("req"))


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """API and one worker on their own embedded PostgreSQL, as scripts/dev starts them."""
    with tempfile.TemporaryDirectory(prefix="prazium-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data_dir=Path(folder) / "data", port=free_port("127.0.0.1"))
        with running(settings, workers=1) as stack:
            yield Live(stack.base_url, stack.key, stack.data_dir)
