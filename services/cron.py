"""When a cron expression fires in a time zone, also over changes of the clocks.

The expression has five fields, as Debian's cron reads them, or is a macro such as `@daily`;
`cronsim` reads it (docs/decisions/0024). Local times become moments here, by two rules:

- Of particular hours, each local time fires once: one that the clocks skip at the moment after the
  gap, one that they repeat at its first pass.
- Of every hour, it fires at each moment whose local time matches, so that the fires of
  `*/15 * * * *` are a quarter of an hour apart in the night of a change, too.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from services.errors import invalid

MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
EVERY_HOUR = set(range(24))
MOST_CHARACTERS = 200
NEVER = "It never fires: no date of the next 50 years matches."
ANY_DAY = datetime(2000, 1, 1)
FIRST_SPAN = timedelta(hours=1)
SPAN_GROWTH = 4


class Cron:
    """The fire times of an expression in a zone.

    Raises: ValidationFailed of `/cron` or `/timeZone`.
    """

    def __init__(self, expression: str, zone: str) -> None:
        self._zone = zone_of(zone)
        self._fields = fields_of(expression)
        self._is_hourly = read(self._fields).hours == EVERY_HOUR

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The fire times later than a moment, in their order, in UTC."""
        last = moment.timestamp()
        for fire in self._from(moment.astimezone(self._zone)):
            if fire > last:
                yield datetime.fromtimestamp(fire, UTC)
                last = fire

    def next(self, moment: datetime) -> datetime | None:
        """The first fire time later than a moment; None if there is none in 50 years."""
        return next(self.after(moment), None)

    def newest(self, first: datetime, now: datetime, count: int) -> list[datetime]:
        """The last `count` fire times from `first` to `now`, both included, in their order.

        However long that is and however often it fires, few times more are looked at.
        """
        earliest, span = first - timedelta(seconds=1), FIRST_SPAN
        while True:
            start = max(earliest, now - span)
            found = deque(takewhile(lambda fire: fire <= now, self.after(start)), maxlen=count)
            if len(found) == count or start == earliest:
                return list(found)
            span *= SPAN_GROWTH

    def _from(self, start: datetime) -> Iterator[float]:
        """Fire times in their order; they begin before the start if its hour happens twice."""
        repeated: deque[float] = deque()
        for found in CronSim(self._fields, before_both_passes(start)):
            local = found.replace(tzinfo=self._zone)
            first, second = local.timestamp(), local.replace(fold=1).timestamp()
            while repeated and repeated[0] < first:
                yield repeated.popleft()
            if first <= second:
                yield first
            elif not self._is_hourly:
                yield self._end_of_gap(local, int(second), int(first))
            if first < second and self._is_hourly:
                repeated.append(second)
        yield from repeated

    def _end_of_gap(self, local: datetime, earliest: int, latest: int) -> int:
        """The moment between two at which the clocks were put forward over a local time."""
        moments, before = range(earliest, latest + 1), local.utcoffset()
        return moments[bisect_left(moments, True, key=lambda at: self._offset(at) != before)]

    def _offset(self, moment: int) -> timedelta | None:
        return datetime.fromtimestamp(moment, self._zone).utcoffset()


def checked(expression: str, zone: str, now: datetime) -> Cron:
    """The fire times of an expression that someone wrote.

    Raises: ValidationFailed of `/cron` or `/timeZone`, also if none follows in 50 years.
    """
    cron = Cron(expression, zone)
    if cron.next(now) is None:
        raise invalid("/cron", NEVER)
    return cron


def before_both_passes(local: datetime) -> datetime:
    """A local time, or an earlier one from which both passes of a repeated hour are ahead.

    Source: PEP 495; a time that happens twice is in its first pass with fold 0 and in its second
    with fold 1, and one that is skipped is later with fold 0 than with fold 1.
    """
    second, first = local.replace(fold=1), local.replace(fold=0)
    length = max(second.timestamp() - first.timestamp(), 0)
    return local.replace(tzinfo=None, fold=0) - timedelta(seconds=length)


def fields_of(expression: str) -> str:
    """The five fields of an expression or macro.

    Raises: ValidationFailed.
    """
    if len(expression) > MOST_CHARACTERS or not expression.isascii():
        raise invalid("/cron", f"Write at most {MOST_CHARACTERS} characters of ASCII.")
    fields = MACROS.get(expression.strip().lower(), expression).split()
    if len(fields) == 1 and fields[0].startswith("@"):
        raise invalid("/cron", f"There is no such macro; there are {', '.join(MACROS)}.")
    if len(fields) == 6:
        raise invalid("/cron", "A schedule has no seconds: write five fields, minute first.")
    if len(fields) != 5:
        raise invalid("/cron", "Write five fields: minute, hour, day of month, month, day of week.")
    return " ".join(fields)


def read(fields: str) -> CronSim:
    """What cronsim makes of five fields.

    Raises: ValidationFailed; cronsim calls the day bad as well if no month of the fields has it.
    """
    try:
        return CronSim(fields, ANY_DAY)
    except CronSimError as error:
        problem = str(error).replace("Bad ", "This is no ")
    minute, hour, day, _, weekday = fields.split()
    try:
        CronSim(f"{minute} {hour} {day} * {weekday}", ANY_DAY)
    except CronSimError:
        raise invalid("/cron", f"{problem}.") from None
    raise invalid("/cron", NEVER if problem.endswith("day-of-month") else f"{problem}.")


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name in the IANA database.

    Raises: ValidationFailed.
    """
    if name not in zones():
        raise invalid("/timeZone", "There is no such zone in the IANA database.")
    return ZoneInfo(name)


@cache
def zones() -> frozenset[str]:
    """The names of all zones but those of one machine; reading them takes a moment, once."""
    return frozenset(available_timezones() - {"localtime", "Factory"})
