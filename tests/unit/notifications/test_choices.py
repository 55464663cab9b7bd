"""What people choose of how they are reached, what nobody can choose, and the one-click link."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from services.notifications.domain import links
from services.notifications.domain.channels import (
    REQUIRED,
    RULES,
    Channel,
    Channels,
    Frequency,
)
from services.notifications.domain.hours import Quiet
from services.notifications.domain.notices import KINDS
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import Suspension
from services.notifications.usecases.choosing import (
    choose,
    is_on,
    preferences_view,
    subscription,
    unsubscribe,
)
from shared.errors import Invalid, NotFound
from tests.unit.notifications.world import NOW, contact

NOBODY: frozenset[Channel] = frozenset()
PUSH = frozenset({Channel.PUSH})
KEY = "k" * 32


def pick(preferences: Preferences, wanted: dict[str, Any], **settings: Any) -> None:
    choose(preferences, wanted, settings, NOBODY)


def view(preferences: Preferences, available: frozenset[Channel] = NOBODY) -> dict[str, Any]:
    return preferences_view(preferences, contact(), available)


def test_everything_reaches_people_both_ways_at_once_until_they_choose() -> None:
    for kind in KINDS:
        held = Preferences("acc-kim").of(kind)
        assert (held.in_app, held.mailed) == (True, Frequency.IMMEDIATELY), kind
    preferences = Preferences("acc-kim")
    pick(preferences, {"match.suggested": {"email": False}})
    assert preferences.of("match.suggested") == Channels(email=False, in_app=True)
    pick(preferences, {"match.suggested": {"in_app": False}})
    assert preferences.of("match.suggested") == Channels(email=False, in_app=False)


def test_the_view_lists_every_kind_and_can_be_sent_back() -> None:
    preferences = Preferences("acc-kim")
    shown = view(preferences)
    assert set(shown["preferences"]) == KINDS
    assert orjson.loads(orjson.dumps(shown)) == shown
    assert shown["preferences"]["account.registered"] == {
        "email": True,
        "in_app": True,
        "frequency": "immediately",
        "push": False,
        "sms": False,
        "required": True,
        "urgent": True,
        "cap": None,
    }
    pick(preferences, shown["preferences"], digest_hour=8, quiet_hours=None)
    assert view(preferences) == shown
    assert preferences.chosen == {}


def test_how_often_and_whether_are_the_same_choice_said_twice() -> None:
    preferences = Preferences("acc-kim")
    kind = "message.posted"
    pick(preferences, {kind: {"email": True, "frequency": "daily"}})
    assert preferences.of(kind).mailed == "daily"
    pick(preferences, {kind: {"email": False, "frequency": "daily"}})
    assert (preferences.of(kind).mailed, view(preferences)["preferences"][kind]["email"]) == (
        "never",
        False,
    )
    pick(preferences, {kind: {"email": True, "frequency": "never"}})
    assert preferences.of(kind).mailed == "daily"  # As it was before it was turned off.
    pick(preferences, {kind: {"email": True, "frequency": "never"}})
    assert preferences.of(kind).mailed == "never"


def test_a_way_that_nobody_serves_is_said_to_be_unavailable_and_cannot_be_turned_on() -> None:
    preferences = Preferences("acc-kim")
    shown = view(preferences)
    assert shown["channels"]["push"] == {"available": False, "reason": "no-provider", "since": None}
    assert shown["channels"]["sms"]["available"] is False
    assert not any(one["push"] or one["sms"] for one in shown["preferences"].values())
    for kind in ("match.suggested", "payment.failed"):  # The latter would be on with a provider.
        with pytest.raises(Invalid) as refused:
            pick(preferences, {kind: {"push": True}})
        assert refused.value.errors == {kind: "There is no provider for push on this platform."}
    choose(preferences, {"match.suggested": {"push": True}}, {}, PUSH)
    assert view(preferences, PUSH)["preferences"]["match.suggested"]["push"] is True
    assert view(preferences, PUSH)["preferences"]["payment.failed"]["push"] is True


def test_security_cannot_be_turned_off_and_unknown_kinds_are_refused() -> None:
    preferences = Preferences("acc-kim")
    wanted = {kind: {"frequency": "daily"} for kind in REQUIRED} | {"nonsense": {"email": False}}
    with pytest.raises(Invalid) as refused:
        pick(preferences, {**wanted, "match.suggested": {"email": False}})
    assert set(refused.value.errors) == set(wanted)
    assert preferences.chosen == {}
    preferences.chosen["account.registered"] = Channels(email=False)  # From before it was one.
    assert preferences.of("account.registered") == RULES["account.registered"].default
    assert "account.registered" in REQUIRED


def test_an_address_that_is_suspended_is_shown_with_the_reason() -> None:
    known = contact(suspended=Suspension("hard-bounce", NOW, "5.1.1"))
    shown = preferences_view(Preferences("acc-kim"), known, NOBODY)
    assert shown["channels"]["email"] == {
        "available": False,
        "reason": "hard-bounce",
        "since": NOW,
    }


def test_hours_are_chosen_and_ended() -> None:
    preferences = Preferences("acc-kim")
    pick(preferences, {}, digest_hour=18, quiet_hours={"start": "22:00", "end": "07:00"})
    assert (preferences.digest_hour, preferences.quiet) == (18, Quiet("22:00", "07:00"))
    pick(preferences, {"match.suggested": {"email": False}})
    assert preferences.quiet is not None
    pick(preferences, {}, quiet_hours=None)
    assert (preferences.digest_hour, preferences.quiet) == (18, None)


def test_quiet_hours_spare_the_urgent_and_hold_for_what_rings_without_being_chosen() -> None:
    preferences = Preferences("acc-kim")
    assert preferences.peace("message.posted") is None
    assert preferences.peace("message.posted", Channel.SMS) == Quiet("21:00", "08:00")
    preferences.quiet = Quiet("12:00", "14:00")
    assert preferences.peace("message.posted") == preferences.peace("message.posted", Channel.SMS)
    assert preferences.peace("payment.failed", Channel.SMS) is None


def test_a_link_turns_one_kind_off_and_says_so_however_often() -> None:
    preferences = Preferences("acc-kim")
    token = links.token(KEY, "acc-kim", "match.suggested")
    assert len(token) <= 100  # It must pass as an id in a path.
    assert subscription(KEY, token) == ("acc-kim", "match.suggested")
    assert is_on(preferences, "match.suggested")
    for _ in range(2):
        unsubscribe(preferences, "match.suggested")
        assert not is_on(preferences, "match.suggested")
    assert preferences.of("match.suggested").in_app
    assert is_on(preferences, "message.posted")
    unsubscribe(preferences, "account.registered")
    assert is_on(preferences, "account.registered")


def test_a_link_in_a_digest_ends_all_that_comes_in_digests() -> None:
    preferences = Preferences("acc-kim")
    pick(preferences, {kind: {"frequency": "weekly"} for kind in ("fee.changed", "part.released")})
    assert is_on(preferences, links.DIGEST)
    unsubscribe(preferences, links.DIGEST)
    assert not is_on(preferences, links.DIGEST)
    off = {kind for kind in KINDS if not preferences.of(kind).email}
    assert off == {"fee.changed", "part.released"}


TOKEN = links.token(KEY, "acc-kim", "match.suggested")


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "acc-kim.match.suggested", TOKEN[:-1], f"{TOKEN}A", f"{TOKEN[:-1]}ü"),
        TOKEN.replace("kim", "lee"),
        TOKEN.replace("suggested", "scored"),
        links.token("another key", "acc-kim", "match.suggested"),
        links.token(KEY, "acc-kim", "no.such"),
        links.token(KEY, "acc-kim", ""),
    ],
)
def test_a_forged_link_leads_nowhere(token: str) -> None:
    with pytest.raises(NotFound):
        subscription(KEY, token)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_link_fits_into_a_path(kind: str) -> None:
    person = "acc-0199b8c2-77aa-7c31-8d35-1f0b6a2c9e11"
    assert len(links.token(KEY, person, kind)) <= 100


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


NIGHT = Quiet("22:00", "07:00")


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHT, "2026-03-02T20:59:59+00:00", None),  # 21:59 in Berlin.
        (NIGHT, "2026-03-02T21:00:00+00:00", "2026-03-03T06:00:00+00:00"),
        (NIGHT, "2026-03-03T05:59:00+00:00", "2026-03-03T06:00:00+00:00"),
        (NIGHT, "2026-03-03T06:00:00+00:00", None),
        (Quiet("12:00", "13:30"), "2026-03-02T11:30:00+00:00", "2026-03-02T12:30:00+00:00"),
        (Quiet("12:00", "13:30"), "2026-03-02T10:30:00+00:00", None),
        # When the clocks go forward a night has an hour less, when they go back one more.
        (NIGHT, "2026-03-28T22:00:00+00:00", "2026-03-29T05:00:00+00:00"),
        (NIGHT, "2026-10-24T21:00:00+00:00", "2026-10-25T06:00:00+00:00"),
        # 02:30 is not there that night: 03:30 is it. And it is there twice in autumn.
        (Quiet("22:00", "02:30"), "2026-03-28T23:00:00+00:00", "2026-03-29T01:30:00+00:00"),
        (Quiet("22:00", "02:30"), "2026-10-25T00:00:00+00:00", "2026-10-25T00:30:00+00:00"),
        (Quiet("22:00", "02:30"), "2026-10-25T01:15:00+00:00", "2026-10-25T01:30:00+00:00"),
    ],
)
def test_quiet_hours_are_of_the_local_clock(quiet: Quiet, now: str, until: str | None) -> None:
    assert quiet.until(at(now), "Europe/Berlin") == (at(until) if until else None)


def test_every_minute_of_a_year_ends_later_than_it_is_and_within_a_day_and_an_hour() -> None:
    now = at("2026-01-01T00:00:00+00:00")
    for step in range(0, 365 * 24 * 60, 97):
        moment = now + timedelta(minutes=step)
        until = NIGHT.until(moment, "America/New_York")
        assert until is None or moment < until <= moment + timedelta(hours=10)
