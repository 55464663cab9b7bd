"""What a person has chosen, held against what can be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.notifications.domain.channels import (
    COLLECTED,
    REQUIRED,
    SHORT,
    Channel,
    Channels,
    Frequency,
    rule,
)
from services.notifications.domain.hours import NIGHT, Quiet
from services.notifications.domain.notices import KINDS
from services.notifications.events import Event
from shared.errors import Invalid

MORNING = 8
UNKNOWN = "There is no such kind."
FIXED = "This is about your account's security; it cannot be turned off or delayed."
Given = Mapping[str, Any]


@dataclass
class Preferences:
    """What a person has chosen; everything else is as the table has it.

    `digest_hour` is of the person's own clock.
    """

    id: str
    chosen: dict[str, Channels] = field(default_factory=dict)
    digest_hour: int = MORNING
    quiet: Quiet | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def of(self, kind: str) -> Channels:
        default = rule(kind).default
        return default if kind in REQUIRED else self.chosen.get(kind, default)

    def shown(self, kind: str, available: frozenset[Channel]) -> dict[str, Any]:
        """What holds, as people read it: no channel is on that nobody serves."""
        held = self.of(kind)
        return {
            "email": held.email,
            "in_app": held.in_app,
            "frequency": held.mailed,
            "push": held.push and Channel.PUSH in available,
            "sms": held.sms and Channel.SMS in available,
        }

    def peace(self, kind: str, channel: Channel = Channel.EMAIL) -> Quiet | None:
        """The hours in which this kind does not come this way."""
        if rule(kind).urgent:
            return None
        return self.quiet or (NIGHT if channel in SHORT else None)

    def choose(self, wanted: Mapping[str, Given], available: frozenset[Channel]) -> None:
        """Change what differs from what is shown; raises Invalid with a sentence per kind."""
        errors, chosen = {}, {}
        for kind, given in wanted.items():
            shown = self.shown(kind, available) if kind in KINDS else {}
            new = {
                name: given[name] for name in shown if given.get(name, shown[name]) != shown[name]
            }
            if error := _fault(kind, new, available):
                errors[kind] = error
            elif new:
                chosen[kind] = _with(self.of(kind), new)
        if errors:
            raise Invalid("preferences-invalid", "Some of the preferences are not valid.", errors)
        self.chosen = {**self.chosen, **chosen}

    def forget(self) -> None:
        self.chosen, self.quiet, self.digest_hour = {}, None, MORNING

    def has_digests(self) -> bool:
        return any(self.of(kind).mailed in COLLECTED for kind in KINDS)

    def stop_mail(self, kind: str) -> None:
        """No more mails of this kind, unless nobody may be without it."""
        if kind in KINDS - REQUIRED and self.of(kind).email:
            self.chosen = {**self.chosen, kind: replace(self.of(kind), email=False)}

    def stop_digests(self) -> None:
        """Nothing is collected any more: what came in digests is in the inbox only."""
        for kind in sorted(KINDS):
            if self.of(kind).mailed in COLLECTED:
                self.stop_mail(kind)

    def stop_all_mail(self) -> None:
        """No mail but what nobody may be without."""
        for kind in sorted(KINDS):
            self.stop_mail(kind)


def _fault(kind: str, new: Given, available: frozenset[Channel]) -> str:
    if kind not in KINDS:
        return UNKNOWN
    if kind in REQUIRED and new:
        return FIXED
    missing = [name for name in SHORT if new.get(name) and name not in available]
    return f"There is no provider for {' and '.join(missing)} on this platform." if missing else ""


def _with(held: Channels, new: Given) -> Channels:
    """`frequency` and `email` say the same twice: whichever was changed counts."""
    plain = {name: new[name] for name in ("email", "in_app", "push", "sms") if name in new}
    frequency = new.get("frequency")
    if frequency == Frequency.NEVER:
        plain["email"] = False
    elif frequency:
        plain |= {"email": True, "frequency": Frequency(frequency)}
    return replace(held, **plain)
