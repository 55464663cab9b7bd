"""The texts that both sides accept: published once, offered as they are, kept to the letter."""

from hashlib import sha256

import pytest

from services.projects import agreements
from services.projects.domain.agreement import KINDS, plain
from services.projects.domain.engagement import Engagement
from services.projects.domain.signing import ReadPaper
from services.projects.domain.work import Party
from services.projects.usecases import get_agreement
from shared.codec import Codec
from shared.errors import Conflict, NotFound, Unavailable
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    DAY,
    NOW,
    active,
    kickoff_pending,
    signing,
    told,
)

# What was published stays as it is: a line is added for a new version, and none is ever changed.
PUBLISHED = {
    "ip-assignment/1": "aceade6d2d98ab11ed6e3332e93ee9a63951c34978c91ddecee3fbb4ebbe0067",
    "nda/1": "5b7ab5ad730e460e5991f1e7c1c04c3431bb29446e1b2ad0ee0cd9995f0a95d0",
    "work-terms/1": "71994930c5ee4d5bc65dbb4490f3735ba7b0119bddab61175effc5a8be8d61c3",
    "work-terms/2": "54d64aff8aa8f475e0f02a27c022dabf529a1a42e41db37fc26f8eaa96a16b85",
}


def nda(engagement: Engagement) -> ReadPaper:
    return next(one for one in signing(engagement).agreements if one.kind == "nda")


def test_a_published_version_never_changes() -> None:
    files = sorted(agreements.FOLDER.glob("*/*.md"))
    found = {f"{f.parent.name}/{f.stem}": sha256(f.read_bytes()).hexdigest() for f in files}
    assert found == PUBLISHED


def test_every_kind_is_published_and_named() -> None:
    assert set(agreements.kinds()) == set(KINDS)
    with pytest.raises(KeyError):
        agreements.template("nda", 99)
    with pytest.raises(KeyError):
        agreements.template("..", 1)


def test_an_engagement_offers_the_newest_texts_with_its_terms_filled_in() -> None:
    engagement = kickoff_pending()
    for kind in KINDS:
        paper, text = get_agreement(engagement, kind, CARLA)
        assert paper.version == agreements.newest(kind)
        assert paper.sha256 == sha256(text.encode()).hexdigest()
        assert "${" not in text
        assert all(id_ in text for id_ in ("eng-1", "prj-1", "org-acme", "acc-carla"))
    text = get_agreement(engagement, "work-terms", ANNA)[1]
    assert "USD 264.00" in text
    assert "About 12 hours" in text


def test_rights_follow_the_money_so_unpaid_work_assigns_none() -> None:
    text = get_agreement(kickoff_pending(), "ip-assignment", CARLA)[1]
    assert "stay with the Candidate until the fee" in text
    unpaid = kickoff_pending(fee_amount=0, unpaid_basis="course-credit")
    assert [paper.kind for paper in unpaid.offered_kickoff().papers] == ["work-terms", "nda"]
    with pytest.raises(NotFound):
        get_agreement(unpaid, "ip-assignment", CARLA)


def test_a_text_is_the_same_after_it_was_stored_and_when_newer_ones_are_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engagement, codec = active(), Codec(Engagement)
    before = get_agreement(engagement, "nda", CARLA)
    monkeypatch.setattr(agreements, "newest", lambda _: 2)
    stored = codec.read({**codec.write(engagement), "version": 1})
    assert get_agreement(stored, "nda", CARLA) == before


def test_a_text_that_cannot_be_reproduced_is_not_shown_as_the_accepted_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engagement = active()
    monkeypatch.setattr(agreements, "template", lambda *_: "# Something else")
    with pytest.raises(Unavailable) as caught:
        get_agreement(engagement, "nda", CARLA)
    assert caught.value.code == "agreement-altered"


def test_a_release_that_lacks_the_version_says_so() -> None:
    engagement = kickoff_pending()
    del engagement.offered_kickoff().facts["title"]
    with pytest.raises(Unavailable):
        get_agreement(engagement, "nda", CARLA)


def test_an_acceptance_records_what_who_and_when_once() -> None:
    engagement = kickoff_pending()
    read = nda(engagement)
    for day in (0, 1):
        engagement.accept_agreement(read, Party.CANDIDATE, CARLA.id, NOW + day * DAY)
    (acceptance,) = engagement.offered_kickoff().acceptances
    assert (acceptance.kind, acceptance.version, acceptance.sha256) == ("nda", 1, read.sha256)
    assert (acceptance.party, acceptance.person_id) == (Party.CANDIDATE, CARLA.id)
    assert acceptance.accepted_at == NOW
    assert told(engagement) == ["agreement.accepted"]
    assert engagement.offered_kickoff().waiting_for == [Party.COMPANY, Party.CANDIDATE]


@pytest.mark.parametrize(("version", "digest"), [(2, ""), (1, "0" * 64)])
def test_only_the_text_that_was_offered_is_accepted(version: int, digest: str) -> None:
    engagement = kickoff_pending()
    offered = nda(engagement)
    read = ReadPaper("nda", version, digest or offered.sha256)
    with pytest.raises(Conflict) as caught:
        engagement.accept_agreement(read, Party.CANDIDATE, CARLA.id, NOW)
    assert caught.value.code == "agreement-changed"
    assert caught.value.errors["agreements.nda.sha256"] == offered.sha256
    assert not engagement.offered_kickoff().acceptances


def test_nothing_is_accepted_after_the_start_but_a_repeat_is_no_fault() -> None:
    engagement = active()
    engagement.accept_agreement(nda(engagement), Party.CANDIDATE, CARLA.id, NOW)
    assert not engagement.events
    with pytest.raises(Conflict):
        engagement.accept_agreement(ReadPaper("nda", 1, "0" * 64), Party.CANDIDATE, CARLA.id, NOW)


def test_a_title_cannot_write_into_the_agreement_around_it() -> None:
    assert plain("Sort\n\n# 9. No pay  [now](x)") == r"Sort \# 9. No pay \[now\](x)"
    text = get_agreement(kickoff_pending(title="Sort\n# 9. ${fee} more"), "nda", CARLA)[1]
    assert r"Sort \# 9. ${fee} more" in text
