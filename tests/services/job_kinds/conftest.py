"""A process without a database, as the functions of job kinds need none."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from db.listen import Hints
from db.pool import Database
from services.context import App
from services.settings import Settings

MakeApp = Callable[..., App]


@pytest.fixture
async def make_app(tmp_path: Path) -> AsyncIterator[MakeApp]:
    """Makes a process's resources with these settings."""
    made: list[App] = []

    def make(**settings: object) -> App:
        chosen = msgspec.structs.replace(Settings(data_dir=tmp_path / "data"), **settings)
        nowhere = "postgresql://127.0.0.1:9/none"
        made.append(App(chosen, Database(nowhere), Hints(nowhere)))
        return made[-1]

    yield make
    for app in made:
        await app.opened.close()
