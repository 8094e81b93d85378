"""Bad input to schedules: each gets 400 with its field, soon, and nothing is created."""

import time
from typing import Any

import pytest

from tests.contract import seed
from tests.contract.asking import World
from tests.contract.walk import fields

Json = dict[str, Any]
JOB: Json = {"kind": "http", "input": {"url": "https://example.com/report"}}
GOOD: Json = {"name": "Never", "cron": "@yearly", "paused": True, "job": JOB}

BAD: dict[str, tuple[Json, str]] = {
    "never fires": ({"cron": "0 0 31 2 *"}, "/cron"),
    "never fires, found by looking": ({"cron": "0 0 */29 2 1#5"}, "/cron"),
    "every second": ({"cron": "* * * * * *"}, "/cron"),
    "every five seconds": ({"cron": "*/5 * * * * *"}, "/cron"),
    "years": ({"cron": "* * * * * * 2099"}, "/cron"),
    "four fields": ({"cron": "* * * *"}, "/cron"),
    "nothing": ({"cron": ""}, "/cron"),
    "a step of nothing": ({"cron": "*/0 * * * *"}, "/cron"),
    "a minute of random": ({"cron": "R * * * *"}, "/cron"),
    "an unknown macro": ({"cron": "@reboot"}, "/cron"),
    "the longest": ({"cron": ",".join("*" * 97) + " * * * 99"}, "/cron"),
    "too long": ({"cron": "*," * 5000 + "* * * * *"}, "/cron"),
    "many digits": ({"cron": "9" * 190 + " * * * *"}, "/cron"),
    "digits of another script": ({"cron": "\u0661 * * * *"}, "/cron"),
    "a line break": ({"cron": "* * * * *\n"}, "/cron"),
    "an unknown zone": ({"timeZone": "Mars/Olympus"}, "/timeZone"),
    "a path for a zone": ({"timeZone": "../../etc/passwd"}, "/timeZone"),
    "the machine's zone": ({"timeZone": "localtime"}, "/timeZone"),
    "an offset for a zone": ({"timeZone": "+02:00"}, "/timeZone"),
    "a limit of nothing": ({"catchUpLimit": 0}, "/catchUpLimit"),
    "a limit without end": ({"catchUpLimit": 10**9}, "/catchUpLimit"),
    "an unknown policy": ({"catchUp": "some"}, "/catchUp"),
    "an unknown overlap": ({"overlap": "queue"}, "/overlap"),
    "a kind of nobody": ({"job": {"kind": "nobody.does"}}, "/job/kind"),
    "an input that the kind does not take": ({"job": JOB | {"input": {}}}, "/job/input/url"),
    "a time": ({"job": JOB | {"runAt": "2026-01-15T11:30:00Z"}}, "/job/runAt"),
    "a key": ({"job": JOB | {"dedupeKey": "one"}}, "/job/dedupeKey"),
    "a priority of 2^31": ({"job": JOB | {"priority": 2**31}}, "/job/priority"),
    "a queue of 10 kB": ({"job": JOB | {"queue": "q" * 10_000}}, "/job/queue"),
    "too much to remember": (
        {"job": JOB | {"metadata": {str(n): "x" for n in range(49)}}},
        "/job/metadata",
    ),
    "a note of its own": (
        {"job": JOB | {"metadata": {"scheduleId": "x"}}},
        "/job/metadata/scheduleId",
    ),
    "a next time": ({"nextRuns": []}, "/nextRuns"),
}


@pytest.mark.parametrize(("change", "field"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_is_named(world: World, change: Json, field: str) -> None:
    before = len(world.call("list_schedules").json()["data"])
    began = time.monotonic()
    assert fields(world.call("create_schedule", json=GOOD | change)) == [field]
    assert time.monotonic() - began < 1
    if field != "/nextRuns":
        assert fields(world.call("update_schedule", json=change)) == [field]
    assert len(world.call("list_schedules").json()["data"]) == before


@pytest.mark.parametrize("text", ["a\u0000b", "\ud800"])
def test_what_no_text_can_hold_is_refused_wherever_it_is(world: World, text: str) -> None:
    shown = text.encode("unicode_escape").replace(b"\\x00", b"\\u0000")
    for place in (b'{"a": [{"b": "%s"}]}', b'{"%s": 1}'):
        job = b'{"kind": "http", "input": %s}' % (place % shown)
        content = b'{"name": "Never", "cron": "@yearly", "job": %s}' % job
        headers = {"Content-Type": "application/json"}
        answer = world.call("create_schedule", json=None, content=content, headers=headers)
        assert answer.status_code == 400


def test_a_name_that_is_taken_is_a_conflict(world: World) -> None:
    answer = world.call("create_schedule", json=GOOD | {"name": "Seeded"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")


def test_a_key_that_only_reads_changes_nothing(world: World) -> None:
    reader = seed.client(world.live, seed.make_key(world.live, "mine", ["jobs:read"]))
    assert world.call("get_schedule", http=reader).status_code == 200
    for operation in ("trigger_schedule", "pause_schedule", "delete_schedule"):
        assert world.call(operation, http=reader).status_code == 403
