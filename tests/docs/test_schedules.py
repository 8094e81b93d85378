"""The times that the document on schedules shows are those at which schedules fire."""

import re
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from services.cron import MACROS, Cron
from tests.docs.markdown import ROOT

TEXT = (ROOT / "docs" / "schedules.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(.+)` \| ([A-Z]\w+/\w+) \| ([\dT:-]+) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(TEXT)


@pytest.mark.parametrize(("expression", "zone", "after", "times"), ROWS)
def test_a_schedule_fires_when_the_document_says(
    expression: str, zone: str, after: str, times: str
) -> None:
    expected = times.split(", ")
    start = datetime.fromisoformat(after).replace(tzinfo=UTC)
    found = islice(Cron(expression, zone).after(start), len(expected))
    assert [f"{fire.astimezone(ZoneInfo(zone)):%d %H:%M %z}" for fire in found] == expected


def test_the_document_has_its_table_and_every_macro() -> None:
    assert len(ROWS) == 8
    assert all(f"`{macro}`" in TEXT for macro in MACROS)
