"""Letters: recorded once, sent by one, forgotten with their secret."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from services.notifications import schemas
from services.notifications.letters import Letters
from services.notifications.mailer import Templates
from shared.errors import Invalid, Unavailable
from tests.unit.notifications.world import NOW, Post

SECRET = "acc-kim.3fJx0Zk"
AWAY = Unavailable("mail-server-away", "Away.")
DEFERRED = Unavailable("mail-deferred", "Later.")


class Collection:
    """So much of a collection as letters use."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}

    def insert_one(self, record: dict[str, Any]) -> None:
        if record["_id"] in self.kept:
            raise DuplicateKeyError("")
        self.kept[record["_id"]] = dict(record)

    def find(self, wanted: dict[str, Any], _: object) -> "Collection":
        self.found = [one for one in self.kept.values() if _fits(one, wanted)]
        return self

    def sort(self, name: str, _: int) -> "Collection":
        self.found.sort(key=lambda one: one[name])
        return self

    def limit(self, most: int) -> list[dict[str, Any]]:
        return self.found[:most]

    def find_one(self, wanted: dict[str, Any]) -> dict[str, Any] | None:
        return next((dict(one) for one in self.kept.values() if _fits(one, wanted)), None)

    def update_one(self, wanted: dict[str, Any], change: dict[str, Any]) -> SimpleNamespace:
        found = [one for one in self.kept.values() if _fits(one, wanted)]
        for one in found:
            one.update(change.get("$set", {}))
            for name, by in change.get("$inc", {}).items():
                one[name] += by
            for name in change.get("$unset", {}):
                one.pop(name, None)
        return SimpleNamespace(modified_count=len(found))


def _fits(one: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(_matches(one.get(name), value) for name, value in wanted.items())


def _matches(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    return value is not None and wanted["$gt"] < value <= wanted["$lte"]


class House:
    """Letters of one process on a collection that may be shared."""

    def __init__(self, collection: Collection | None = None, holder: str = "one") -> None:
        self.collection, self.moment = collection or Collection(), NOW
        platform: Any = SimpleNamespace(
            database={"letters": self.collection}, now=lambda: self.moment, stores=[]
        )
        writer = Templates("https://stint.example/")
        self.letters = Letters(platform, writer, holder, timedelta(seconds=60))

    def record(self, kind: str = "reset-password", **changes: Any) -> None:
        given = {
            "letter_id": "let-1",
            "kind": kind,
            "to": "kim@example.com",
            "name": "Kim",
            "facts": {"secret": SECRET, "organisation": "North\nwind", "role": "recruiter"},
            "expires_at": (NOW + timedelta(minutes=30)).isoformat(),
        }
        given["facts"] |= {"invited_by": "Dana", "on": "yes", "project": "Clean contacts"}  # type: ignore[operator]
        self.letters.record(schemas.read(schemas.LetterInput(), **{**given, **changes}))

    def send(self, post: Post) -> int:
        return self.letters.send(self.letters.due(), post)

    @property
    def letter(self) -> dict[str, Any]:
        [kept] = self.collection.kept.values()
        return kept

    def later(self, **by: float) -> datetime:
        self.moment += timedelta(**by)
        return self.moment


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize("kind", schemas.LETTERS)
def test_every_letter_has_its_words_and_leads_to_the_frontend(house: House, kind: str) -> None:
    post = Post()
    house.record(kind)
    assert house.send(post) == 1
    [mail] = post.sent
    words = mail.words
    assert all((words.title, words.what, words.next))
    assert "\n" not in words.title
    assert words.link.startswith("https://stint.example/")
    proves = kind in ("verify-email", "reset-password", "invite-member")
    assert words.link.endswith(f"#token={SECRET}") is proves
    assert SECRET not in f"{words.title}{words.what}{words.next}"
    assert (mail.message_id, mail.to.email) == ("let-1", "kim@example.com")


def test_a_letter_is_recorded_once_and_forgets_its_link_when_it_is_sent(house: House) -> None:
    post = Post()
    house.record()
    house.record(facts={"secret": "another"})
    assert SECRET in str(house.letter)
    assert (house.send(post), house.send(post)) == (1, 0)
    house.record()
    assert house.send(post) == 0
    assert SECRET not in str(house.letter)
    assert (house.letter["mail"], len(post.sent)) == ("sent", 1)


def test_an_outage_loses_nothing_and_an_old_letter_is_not_sent(house: House) -> None:
    post = Post(AWAY, DEFERRED, AWAY)
    house.record()
    assert house.send(post) == 0
    assert (SECRET in str(house.letter), house.send(post)) == (True, 0)
    house.later(seconds=31)
    assert house.send(post) == 0
    house.later(minutes=29, seconds=29)
    assert house.send(post) == 0
    assert (house.letter["mail"], house.letter["failure"]) == ("failed", "expired")
    assert SECRET not in str(house.letter)


def test_of_two_senders_one_sends_and_another_takes_over_when_that_one_dies(house: House) -> None:
    other, post = House(house.collection, "two"), Post()
    house.record()
    assert house.letters._claim("let-1") is not None
    assert other.send(post) == 0
    other.later(seconds=61)
    assert other.send(post) == 1


def test_a_refused_address_is_not_tried_again(house: House) -> None:
    post = Post(Invalid("mail-refused", "Never."))
    house.record()
    assert (house.send(post), house.letter["failure"]) == (0, "mail-refused")
    assert (SECRET in str(house.letter), house.letters.due()) == (False, [])


def test_a_server_that_is_away_ends_the_round(house: House) -> None:
    post = Post(AWAY)
    house.record()
    house.record(letter_id="let-2")
    assert house.send(post) == 0
    assert len(house.letters.due()) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "anything"}, {"to": "no address"}, {"name": ""}, {"expires_at": "soon"}],
)
def test_a_letter_that_breaks_a_rule_is_refused(house: House, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        house.record(**wrong)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "other devices were signed out."),
        ({"keys": "stk_AbCdEf, stk_GhIjKl"}, "still work: stk_AbCdEf, stk_GhIjKl."),
        ({"keys": "", "revoked": "yes"}, "keys were revoked with it."),
    ],
)
def test_a_new_password_is_told_with_the_keys_that_still_work(
    house: House, facts: dict[str, str], said: str
) -> None:
    house.record("password-changed", facts=facts, expires_at=None)
    assert house.letter["what"].endswith(said)
    assert house.letter["next"].startswith("Revoke") is bool(facts.get("keys"))
    assert house.letter["link"] == "https://stint.example/security"
