"""The hours of people's own days: when they are left in peace, and when a digest is due.

Wall clocks jump twice a year: all is computed on the local clock and told as an instant.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.notifications.domain.channels import Frequency

MONDAY = 0


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # Not found, a folder, or no name of a zone.
        return ZoneInfo("UTC")


@dataclass(frozen=True)
class Quiet:
    """From one local time of day (`22:00`) to another (`07:00`), over midnight if it must be."""

    start: str
    end: str

    def until(self, now: datetime, zone: str) -> datetime | None:
        """When the peace ends that holds now in this zone; None where there is none."""
        local = now.astimezone(zone_of(zone))
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        clock = local.time()
        over_midnight = start >= end
        if not (clock >= start or clock < end if over_midnight else start <= clock < end):
            return None
        tomorrow = over_midnight and clock >= start
        return _after(now, local.date() + timedelta(days=tomorrow), end, zone)


NIGHT = Quiet("21:00", "08:00")  # For what rings and buzzes, where nobody chose other hours.


def digest_due(now: datetime, zone: str, hour: int, frequency: Frequency) -> datetime:
    """The first digest after now: each day at the hour, or on Mondays."""
    day = now.astimezone(zone_of(zone)).date()
    while True:
        due = datetime.combine(day, time(hour), zone_of(zone)).astimezone(UTC)
        if due > now and (frequency is Frequency.DAILY or day.weekday() == MONDAY):
            return due
        day += timedelta(days=1)


def _after(now: datetime, day: date, clock: time, zone: str) -> datetime:
    """The instant at which the local clock shows it, the second one where the first is over."""
    for fold in (0, 1):
        found = datetime.combine(day, clock.replace(fold=fold), zone_of(zone)).astimezone(UTC)
        if found > now:
            return found
    return now
