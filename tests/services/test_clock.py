"""Times are told by the database's clock, whatever the machine's says."""

from datetime import UTC, datetime, timedelta, tzinfo

import psycopg
import pytest

from services import clock
from services.clock import Clock, counted
from services.context import App, opened
from services.settings import Settings
from tests.engine.conftest import until

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("wrong_by", [-HOUR, HOUR])
async def test_a_clock_that_is_wrong_is_right_once_the_database_was_asked(
    app: App, database: str, wrong_by: timedelta
) -> None:
    own = Clock()
    own.set(datetime.now(UTC) + wrong_by, counted())
    assert await own.ask(app.db)
    with psycopg.connect(database) as connection:
        [(there,)] = connection.execute(b"SELECT clock_timestamp()").fetchall()
    assert abs(own.now() - there) < timedelta(seconds=0.5)


class Wrong(datetime):
    """The clock of a machine that is an hour ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Wrong":
        return super().now(tz) + HOUR


async def test_a_process_asks_when_it_starts(
    settings: Settings, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "datetime", Wrong)
    async with opened(settings, database) as app:
        assert app.clock.now() > datetime.now(UTC) + HOUR / 2
        await until(lambda: app.clock.now() < datetime.now(UTC) + HOUR / 2)
