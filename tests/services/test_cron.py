"""When a cron expression fires, held against counting minutes."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated.models import FieldError
from services.cron import MACROS, Cron, checked
from services.errors import ValidationFailed

MINUTE = timedelta(minutes=1)
BOUNDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",  # forward at midnight
    "Africa/Cairo",  # back at midnight
    "Africa/Casablanca",  # two changes for Ramadan
    "Asia/Kathmandu",  # +05:45
    "Australia/Lord_Howe",  # half an hour
    "Antarctica/Troll",  # two hours
    "Pacific/Apia",  # a day was left out
]
CHANGES = {
    "Europe/Berlin": [(2026, 3, 29), (2026, 10, 25)],
    "America/New_York": [(2026, 3, 8), (2026, 11, 1)],
    "America/Santiago": [(2026, 4, 5), (2026, 9, 6)],
    "Africa/Cairo": [(2026, 4, 24), (2026, 10, 30)],
    "Africa/Casablanca": [(2026, 2, 15), (2026, 3, 22)],
    "Australia/Lord_Howe": [(2026, 4, 5), (2026, 10, 4)],
    "Antarctica/Troll": [(2026, 3, 29), (2026, 10, 25)],
    "Pacific/Apia": [(2011, 12, 30), (2012, 4, 1)],
}


class Field(NamedTuple):
    """A field of an expression, and the values that it stands for."""

    text: str
    values: frozenset[int]


@st.composite
def fields(draw: Callable[..., int], low: int, high: int) -> Field:
    """A field between two bounds: all, a value, a list, a range, with or without steps."""
    first, last = sorted([draw(st.integers(low, high)), draw(st.integers(low, high))])
    step = draw(st.integers(1, high))
    forms = [
        ("*", range(low, high + 1)),
        (f"*/{step}", range(low, high + 1, step)),
        (f"{first}", [first]),
        (f"{first},{last}", [first, last]),
        (f"{first}-{last}", range(first, last + 1)),
    ]
    if first < last:
        forms.append((f"{first}-{last}/{step}", range(first, last + 1, step)))
    text, values = forms[draw(st.integers(0, len(forms) - 1))]
    return Field(text, frozenset(values))


class Expression(NamedTuple):
    """An expression whose meaning is known."""

    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field

    @property
    def text(self) -> str:
        """As it is written."""
        return " ".join(field.text for field in self)

    def matches(self, local: datetime) -> bool:
        """Whether it names this local time; a day by both fields if one has a star, else by any."""
        of_month = local.day in self.day.values
        of_week = bool({local.isoweekday(), local.isoweekday() % 7} & self.weekday.values)
        both = "*" in self.day.text[0] + self.weekday.text[0]
        return (
            local.minute in self.minute.values
            and local.hour in self.hour.values
            and local.month in self.month.values
            and (of_month and of_week if both else of_month or of_week)
        )


EXPRESSIONS = st.builds(Expression, *[fields(*bounds) for bounds in BOUNDS])
FREQUENT = EXPRESSIONS.map(
    lambda e: e._replace(
        day=Field("*", frozenset(range(1, 32))), month=Field("*", frozenset(range(1, 13)))
    )
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
NEAR_CHANGES = st.sampled_from([(zone, day) for zone in CHANGES for day in CHANGES[zone]])


def counted(expression: Expression, zone: str, start: datetime, minutes: int) -> list[datetime]:
    """The fire times of so many minutes, found by looking at each."""
    moments = [start + n * MINUTE for n in range(minutes)]
    shown = [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in moments]
    if len(expression.hour.values) == 24:
        return [m for m, local in zip(moments, shown, strict=True) if expression.matches(local)]
    fires, reached = [], shown[0] - MINUTE
    for moment, local in zip(moments, shown, strict=True):
        new = range(1, 1 + (local - reached) // MINUTE)
        if any(expression.matches(reached + n * MINUTE) for n in new):
            fires.append(moment)
        reached = max(reached, local)
    return fires


def fires(text: str, zone: str, start: datetime, count: int) -> list[str]:
    """The next fire times as the clocks of the zone show them."""
    found = islice(Cron(text, zone).after(start), count)
    return [fire.astimezone(ZoneInfo(zone)).strftime("%d %H:%M %z") for fire in found]


def refusal(text: str, zone: str = "UTC") -> FieldError:
    """Why an expression is refused."""
    with pytest.raises(ValidationFailed) as refused:
        checked(text, zone, datetime(2026, 11, 21, tzinfo=UTC))
    assert isinstance(refused.value.details, list)
    return refused.value.details[0]


@settings(max_examples=80, deadline=None)
@given(FREQUENT, NEAR_CHANGES, st.integers(0, 3 * 1440))
def test_around_every_change_of_clocks_it_fires_when_counting_minutes_says(
    expression: Expression, change: tuple[str, tuple[int, int, int]], offset: int
) -> None:
    zone, day = change
    begin = datetime(*day, tzinfo=UTC) - timedelta(days=2)
    start = begin + offset * MINUTE
    end = begin + timedelta(days=4)
    expected = [fire for fire in counted(expression, zone, begin, 4 * 1440) if fire > start]
    found = list(islice(Cron(expression.text, zone).after(start), len(expected) + 1))
    assert [fire for fire in found if fire < end] == expected


@settings(max_examples=80, deadline=None)
@given(EXPRESSIONS, st.sampled_from(ZONES), MOMENTS)
def test_fires_strictly_increase_and_each_follows_from_the_one_before(
    expression: Expression, zone: str, start: datetime
) -> None:
    try:
        cron = checked(expression.text, zone, start)
    except ValidationFailed:
        return
    found = list(islice(cron.after(start), 5))
    for before, fire in zip([start, *found], found, strict=False):
        assert before < fire
        assert cron.next(before) == cron.next(fire - timedelta(seconds=1)) == fire
        assert (fire.second, fire.microsecond, fire.tzinfo) == (0, 0, UTC)


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS, st.sampled_from(ZONES), MOMENTS)
def test_a_fire_whose_local_time_was_not_skipped_matches_the_expression(
    expression: Expression, zone: str, start: datetime
) -> None:
    try:
        fire = next(checked(expression.text, zone, start).after(start))
    except ValidationFailed:
        return
    shown, before = ((fire - ago).astimezone(ZoneInfo(zone)) for ago in (MINUTE - MINUTE, MINUTE))
    skipped = (shown.utcoffset() or MINUTE) > (before.utcoffset() or MINUTE)
    assert skipped or expression.matches(shown.replace(tzinfo=None))


@settings(max_examples=40, deadline=None)
@given(FREQUENT, st.sampled_from(ZONES), MOMENTS, st.integers(1, 20), st.integers(0, 40 * 1440))
def test_the_newest_fires_of_a_span_are_the_last_of_all_its_fires(
    expression: Expression, zone: str, first: datetime, count: int, minutes: int
) -> None:
    cron = Cron(expression.text, zone)
    fire = cron.next(first)
    assert fire is not None
    now = fire + minutes * MINUTE
    every = [fire]
    while (following := cron.next(every[-1])) is not None and following <= now:
        every.append(following)
        if len(every) > 2000:
            return
    assert cron.newest(fire, now, count) == every[-count:]


@pytest.mark.parametrize("process_zone", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_the_zone_of_the_process_changes_nothing(
    process_zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime(2026, 10, 24, 23, tzinfo=UTC)
    monkeypatch.setenv("TZ", process_zone)
    time.tzset()
    try:
        assert fires("30 2,4 * * *", "Europe/Berlin", start, 3) == [
            "25 02:30 +0200",
            "25 04:30 +0100",
            "26 02:30 +0100",
        ]
        assert Cron("30 2 * * *", "UTC").next(start) == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_time_that_does_not_exist_fires_once_after_the_gap() -> None:
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    times = ["29 03:00 +0200", "30 02:00 +0200", "30 02:30 +0200"]
    assert fires("0,30 2 * * *", "Europe/Berlin", start, 3) == times


def test_a_time_that_happens_twice_fires_at_its_first_pass() -> None:
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert fires("30 2 * * *", "Europe/Berlin", start, 2) == ["25 02:30 +0200", "26 02:30 +0100"]


def test_after_the_first_pass_nothing_fires_again_in_the_second() -> None:
    start = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 for the second time
    assert fires("30 2 * * *", "Europe/Berlin", start, 1) == ["26 02:30 +0100"]


def test_what_fires_every_hour_goes_on_through_the_hour_that_happens_twice() -> None:
    start = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    times = ["25 02:30 +0200", "25 02:00 +0100", "25 02:30 +0100", "25 03:00 +0100"]
    assert fires("*/30 * * * *", "Europe/Berlin", start, 4) == times
    assert fires("0,30 0-23 * * *", "Europe/Berlin", start, 4) == times


def test_what_fires_every_hour_leaves_the_hour_out_that_does_not_exist() -> None:
    start = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    times = ["29 01:30 +0100", "29 03:30 +0200", "29 04:30 +0200"]
    assert fires("30 * * * *", "Europe/Berlin", start, 3) == times


def test_a_day_that_was_left_out_fires_at_the_next_midnight() -> None:
    start = datetime(2011, 12, 29, 20, tzinfo=UTC)
    assert fires("0 3 * * *", "Pacific/Apia", start, 2) == ["31 00:00 +1400", "31 03:00 +1400"]


@pytest.mark.parametrize(
    ("macro", "first"),
    [
        ("@hourly", "21 13:00"),
        ("@daily", "22 00:00"),
        ("@midnight", "22 00:00"),
        ("@weekly", "22 00:00"),  # a Sunday
        ("@monthly", "01 00:00"),
        ("@yearly", "01 00:00"),
        ("@ANNUALLY", "01 00:00"),
    ],
)
def test_a_macro_fires_at_the_start_of_its_span(macro: str, first: str) -> None:
    start = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
    assert fires(macro, "UTC", start, 1) == [f"{first} +0000"]
    assert macro.lower() in MACROS


@pytest.mark.parametrize(
    "text", ["0 0 31 2 *", "0 0 30,31 2 *", "0 0 31 4,6,9,11 *", "0 0 */29 2 1#5"]
)
def test_an_expression_that_never_fires_is_refused(text: str) -> None:
    assert refusal(text).message == "It never fires: no date of the next 50 years matches."


def test_the_29th_of_february_is_no_such_expression() -> None:
    assert Cron("0 0 29 2 *", "UTC").next(datetime(2096, 3, 1, tzinfo=UTC)) == datetime(
        2104, 2, 29, tzinfo=UTC
    )


@pytest.mark.parametrize("text", ["* * * * * *", "*/5 * * * * *", "0 0 0 1 1 *"])
def test_seconds_are_refused(text: str) -> None:
    assert "no seconds" in refusal(text).message


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("60 * * * *", "This is no minute."),
        ("* 24 * * *", "This is no hour."),
        ("* * 0 * *", "This is no day-of-month."),
        ("* * 32 2 *", "This is no day-of-month."),
        ("* * * 13 *", "This is no month."),
        ("* * * * 8", "This is no day-of-week."),
        ("R * * * *", "This is no minute."),
        ("*/0 * * * *", "This is no minute."),
        ("5-1 * * * *", "This is no minute."),
        ("", "Write five fields"),
        ("* * * *", "Write five fields"),
        ("* * * * * * 2099", "Write five fields"),
        ("@reboot", "There is no such macro"),
        ("9" * 5000 + " * * * *", "at most 200 characters"),
        ("\u0661 * * * *", "ASCII"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(text: str, problem: str) -> None:
    found = refusal(text)
    assert (found.field_, problem in found.message) == ("/cron", True)


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "../../etc/passwd", "/etc/localtime", "europe/berlin", "", "localtime"]
)
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    assert refusal("* * * * *", zone).field_ == "/timeZone"


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789*/,-#LW? @RHMONJAN\t", max_size=60) | st.text(max_size=250))
def test_whatever_is_written_is_read_or_refused_in_milliseconds(text: str) -> None:
    began = time.process_time()
    try:
        checked(text, "Europe/Berlin", datetime(2026, 11, 21, tzinfo=UTC))
    except ValidationFailed as refused:
        assert len(str(refused)) < 300
    assert time.process_time() - began < 0.1


def test_the_dearest_expressions_cost_milliseconds() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    began = time.process_time()
    for text in ("0 0 */29 2 1#5", "0 0 * 2 1#5", ",".join("*" * 96) + " * * * *"):
        for _ in range(10):
            with suppress(ValidationFailed):
                checked(text, "Europe/Berlin", now)
    Cron("* * * * *", "Europe/Berlin").newest(now - timedelta(days=36_500), now, 100)
    assert time.process_time() - began < 1.0
