"""An engagement under anything that people, other services, time and chance may do to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.projects.domain.ending import ALL_CAUSES
from services.projects.domain.engagement import Engagement
from services.projects.domain.signing import Disclosure, Signing
from services.projects.domain.work import (
    ENDED,
    KICKOFF_LIMIT,
    KICKOFF_NUDGE,
    MAKING,
    File,
    Party,
    PaymentStatus,
    Status,
)
from services.projects.domain.workroom import Amendment, Answer, Step
from services.projects.schemas import views
from shared.codec import Codec
from shared.envelope import Contracts, pack, parse
from shared.errors import Conflict, Forbidden, Invalid, NotFound, NotYet
from tests.unit.projects.samples import (
    CRITERIA,
    FILE,
    NOW,
    PEOPLE,
    awaiting_funding,
    signing,
)

CONTRACTS = Contracts.load()
CODEC = Codec(Engagement)
DISPUTES = st.sampled_from(["dsp-1", "dsp-2"])
PARTIES = st.sampled_from(list(Party))
SIDES = st.sampled_from([Party.COMPANY, Party.CANDIDATE])
WISHES = st.sampled_from([(33000, 15, 0), (22000, 10, 0), (26400, 12, 9), (33000, 12, 60)])
CONFLICTS = st.sampled_from([None, None, None, "We are cousins."])


class EngagementMachine(RuleBasedStateMachine):
    """Every act goes through the codec, as a store does, and is repeated now and then."""

    @initialize(rounds=st.integers(0, 3), weeks=st.integers(1, 3), steps=st.integers(0, 5))
    def begin(self, rounds: int, weeks: int, steps: int) -> None:
        """Somewhere on the usual way: chance alone would seldom come this far."""
        engagement = awaiting_funding(max_revision_rounds=rounds, weeks=weeks)
        self.state = CODEC.write(engagement)
        self.seen: Engagement | None = None
        self.now, self.told = NOW, list[Any]()
        self.read: dict[Party, Signing] = {}
        self.texts: list[str] = []
        self.ended: Status | None = None
        self.rounds = rounds
        usual = (
            self.the_fee_is_held,
            lambda: self.somebody_signs(Party.COMPANY, None),
            lambda: self.somebody_signs(Party.CANDIDATE, None),
            self.work_is_handed_in,
            self.a_revision_is_asked_for,
        )
        for step in usual[:steps]:
            step()

    @property
    def engagement(self) -> Engagement:
        """As it is stored: to look at."""
        if self.seen is None:
            self.seen = CODEC.read({**self.state, "version": 1})
        return self.seen

    def do(self, act: Callable[[Engagement], object]) -> None:
        engagement, self.seen = CODEC.read({**self.state, "version": 1}), None
        try:
            act(engagement)
        except (Conflict, Forbidden, Invalid, NotFound, NotYet):
            assert CODEC.write(engagement) == self.state, "a refusal leaves everything as it was"
            assert not engagement.events
            return
        self.state = CODEC.write(engagement)
        self.told += engagement.events

    @rule(days=st.integers(0, 9))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        for _ in range(2):
            self.do(lambda engagement: engagement.settle_overdue(self.now))

    @rule()
    def the_fee_is_held(self) -> None:
        self.do(lambda engagement: engagement.fund(self.now))

    @rule(status=st.sampled_from([PaymentStatus.FAILED, PaymentStatus.PAID]))
    def money_is_heard_of(self, status: PaymentStatus) -> None:
        self.do(lambda e: e.note_payment(status, "card-declined"))

    @rule()
    def money_is_released(self) -> None:
        self.do(lambda engagement: engagement.note_release(self.now))

    @rule(party=SIDES, text=CONFLICTS)
    def somebody_signs(self, party: Party, text: str | None) -> None:
        """What was read a moment ago."""
        told = Disclosure(bool(text), text or "")
        self.do(lambda e: e.sign(signing(e, told), party, PEOPLE[party], self.now))

    @rule(party=SIDES)
    def somebody_reads(self, party: Party) -> None:
        if self.engagement.kickoff:
            self.read[party] = signing(self.engagement)

    @rule(party=SIDES)
    def somebody_signs_what_they_read_then(self, party: Party) -> None:
        if party in self.read:
            self.do(lambda e: e.sign(self.read[party], party, PEOPLE[party], self.now))

    @rule(party=SIDES, kind=st.integers(0, 2))
    def somebody_accepts_a_text(self, party: Party, kind: int) -> None:
        self.do(
            lambda e: e.accept_agreement(
                signing(e).agreements[kind], party, PEOPLE[party], self.now
            )
        )

    @rule(party=SIDES, hours=st.integers(1, 3), days=st.sampled_from([None, 1, 60]))
    def somebody_changes_the_checklist(self, party: Party, hours: int, days: int | None) -> None:
        changes = {
            "response_hours": hours,
            "due_at": None if days is None else self.now + timedelta(days=days),
        }
        self.do(
            lambda e: e.propose_kickoff(
                signing(e).checklist, changes, party, PEOPLE[party], self.now
            )
        )

    @rule(party=SIDES, person=st.sampled_from(["", "-2"]), text=CONFLICTS)
    def somebody_declares(self, party: Party, person: str, text: str | None) -> None:
        told = Disclosure(bool(text), text or "")
        who = PEOPLE[party] + person
        self.do(lambda e: e.declare_conflict(told, party, who, self.now))

    @rule(party=SIDES, number=st.integers(1, 4))
    def somebody_acknowledges(self, party: Party, number: int) -> None:
        who = PEOPLE[party]
        self.do(lambda e: e.acknowledge_conflict(f"dcl-{number}", party, who, self.now))

    @rule()
    def work_is_handed_in(self) -> None:
        self.do(lambda engagement: engagement.submit([File(**FILE)], "", self.now))

    @rule()
    def a_revision_is_asked_for(self) -> None:
        self.do(lambda engagement: engagement.request_revision(CRITERIA, "", self.now))

    @rule()
    def the_work_is_accepted(self) -> None:
        self.do(lambda engagement: engagement.accept(self.now))

    @rule(party=SIDES)
    def somebody_writes(self, party: Party) -> None:
        self.do(lambda engagement: engagement.note_message(party, self.now))

    @rule(party=SIDES, number=st.integers(1, 2), days=st.integers(0, 9))
    def a_milestone_is_planned(self, party: Party, number: int, days: int) -> None:
        due_at = self.now + timedelta(days=days)
        self.do(lambda e: e.plan_milestone(f"mil-{number}", "Half", due_at, party, self.now))

    @rule(party=SIDES, number=st.integers(1, 2), state=st.sampled_from(list(Step)))
    def a_milestone_comes_on(self, party: Party, number: int, state: Step) -> None:
        self.do(lambda e: e.move_milestone(f"mil-{number}", party, self.now, state=state))

    @rule(party=SIDES, number=st.integers(1, 3), wish=WISHES)
    def a_change_is_proposed(self, party: Party, number: int, wish: tuple[int, int, int]) -> None:
        fee, hours, days = wish
        due_at = self.now + timedelta(days=days) if days else None
        amendment = Amendment(fee_amount=fee, hours=hours, due_at=due_at)
        who = PEOPLE[party]
        self.do(lambda e: e.propose_change(f"cor-{number}", amendment, "", party, who, self.now))

    @rule(party=SIDES, number=st.integers(1, 3), yes=st.booleans())
    def a_change_is_answered(self, party: Party, number: int, yes: bool) -> None:
        order, who = f"cor-{number}", PEOPLE[party]
        if yes:
            self.do(lambda e: e.accept_change(order, party, who, self.now))
        else:
            self.do(lambda e: e.decline_change(order, "", party, who, self.now))

    @rule(cause=st.sampled_from(ALL_CAUSES), party=PARTIES)
    def somebody_names_a_cause(self, cause: str, party: Party) -> None:
        self.do(lambda engagement: engagement.cancel(party, "", self.now, cause))

    @rule(how=st.integers(0, 9), party=PARTIES)
    def somebody_gives_up(self, how: int, party: Party) -> None:
        acts: tuple[Callable[[Engagement], object], ...] = (
            lambda engagement: engagement.cancel(party, "", self.now),
            lambda engagement: engagement.withdraw(self.now),
            lambda engagement: engagement.note_refund(26400, self.now),
        )
        act = acts[how] if how < len(acts) else lambda e: e.note_refund(1, self.now)
        self.do(act)

    @rule(dispute_id=DISPUTES)
    def a_dispute_opens(self, dispute_id: str) -> None:
        self.do(lambda engagement: engagement.open_dispute(dispute_id, self.now))

    @rule(dispute_id=DISPUTES, outcome=st.sampled_from(["released", "refunded", "split"]))
    def a_dispute_is_resolved(self, dispute_id: str, outcome: str) -> None:
        self.do(lambda engagement: engagement.resolve_dispute(dispute_id, outcome, self.now))

    def count(self, noun_and_verb: str) -> int:
        return sum(event.type == f"{noun_and_verb}.v1" for event in self.told)

    @invariant()
    def it_ends_at_most_once(self) -> None:
        accepted, ended = self.count("deliverable.accepted"), self.count("engagement.completed")
        assert accepted == ended
        assert ended + self.count("engagement.cancelled") <= 1
        assert self.count("engagement.opened") <= 1
        assert self.count("engagement.started") <= 1
        assert self.count("kickoff.reminded") <= 1

    @invariant()
    def what_is_told_is_what_is(self) -> None:
        engagement = self.engagement
        status = engagement.freeze.interrupted if engagement.freeze else engagement.status
        assert (status is Status.COMPLETED) == (self.count("engagement.completed") == 1)
        assert (status is Status.CANCELLED) == (self.count("engagement.cancelled") == 1)
        assert (engagement.started_at is not None) == (self.count("engagement.started") == 1)
        assert len(engagement.submissions) == self.count("deliverable.submitted")
        assert len(engagement.revisions) == self.count("revision.requested")
        accepted = [event for event in self.told if event.type == "deliverable.accepted.v1"]
        assert engagement.automatic == any(event.automatic for event in accepted)

    @invariant()
    def terms_are_what_both_agreed_on(self) -> None:
        engagement = self.engagement
        agreed = [one for one in engagement.orders if one.answer is Answer.ACCEPTED]
        assert len(agreed) == self.count("change-order.accepted")
        assert len(engagement.orders) == self.count("change-order.proposed")
        assert engagement.terms.fee_amount == 26400 + sum(one.fee_difference for one in agreed)
        assert sum(one.answer is Answer.OPEN for one in engagement.orders) <= 1
        for one in agreed:
            assert one.answered_by != one.person_id

    @invariant()
    def work_has_a_deadline_that_is_told_once(self) -> None:
        engagement = self.engagement
        if engagement.status in MAKING:
            assert engagement.work_due_at
            assert engagement.due_at
            deadlines = engagement.terms.deadlines
            assert engagement.due_at <= deadlines.ends_at(engagement.work_due_at)
        if engagement.status is Status.SUBMITTED:
            assert engagement.review_due_at
            assert engagement.due_at
            assert engagement.due_at <= engagement.review_due_at
        promised = 1 + len(engagement.revisions) + self.count("change-order.accepted")
        assert self.count("deadline.missed") <= promised
        assert bool(engagement.no_show_suspected_at) <= self.count("no-show.suspected")

    @invariant()
    def signatures_are_on_what_stands_now(self) -> None:
        kickoff = self.engagement.kickoff
        if kickoff is None:
            return
        assert kickoff.sha256 == kickoff.checklist.sha256
        assert kickoff.version == 1 + self.count("kickoff.proposed")
        for one in kickoff.signatures:
            assert (one.version, one.sha256) == (kickoff.version, kickoff.sha256)
            accepted = {a.kind for a in kickoff.acceptances if a.party is one.party}
            assert accepted == {paper.kind for paper in kickoff.papers}
            assert kickoff.declaration_of(one.person_id)
        assert len({one.party for one in kickoff.signatures}) == len(kickoff.signatures)

    @invariant()
    def texts_stay_as_they_were_offered(self) -> None:
        kickoff = self.engagement.kickoff
        texts = [paper.text(kickoff.facts) for paper in kickoff.papers] if kickoff else []
        assert not self.texts or texts == self.texts
        self.texts = texts

    @invariant()
    def work_starts_only_when_nobody_is_waited_for(self) -> None:
        engagement = self.engagement
        if engagement.status is Status.KICKOFF_PENDING:
            assert engagement.kickoff
            assert engagement.kickoff.waiting_for
            assert engagement.due_at in (
                engagement.kickoff.due_at,
                engagement.kickoff.due_at - KICKOFF_LIMIT + KICKOFF_NUDGE,
            )
        if engagement.started_at:
            assert engagement.kickoff
            assert {one.party for one in engagement.kickoff.signatures} == {*PEOPLE}

    @invariant()
    def rights_pass_or_stay_once_and_for_all(self) -> None:
        engagement = self.engagement
        assigned, revoked = engagement.rights_assigned_at, engagement.licence_revoked_at
        assert not (assigned and revoked)
        assert self.count("rights.assigned") == bool(assigned)
        assert self.count("licence.revoked") == bool(revoked)
        assert engagement.started_at or not (assigned or revoked)

    @invariant()
    def what_has_ended_stays_as_it_ended(self) -> None:
        """A dispute after the end is about the money alone."""
        freeze = self.engagement.freeze
        status = freeze.interrupted if freeze else self.engagement.status
        assert self.ended in (None, status)
        self.ended = status if status in ENDED else None

    @invariant()
    def rounds_are_never_exceeded(self) -> None:
        assert len(self.engagement.revisions) <= self.rounds
        assert self.engagement.rounds_left >= 0

    @invariant()
    def every_waiting_state_has_an_end(self) -> None:
        engagement = self.engagement
        waits = engagement.status not in (*ENDED, Status.DISPUTED)
        assert (engagement.due_at is not None) == waits
        assert (engagement.freeze is not None) == (engagement.status is Status.DISPUTED)

    @invariant()
    def events_keep_their_contracts(self) -> None:
        for event in self.told[-3:]:
            entry = pack(event, source="projects", subject="e:1", version=1, now=self.now)
            CONTRACTS.check(event.type, parse(entry["body"]).data)

    @invariant()
    def people_see_the_same_of_document_and_aggregate(self) -> None:
        view = views.engagement({**self.state, "id": self.state["_id"], "version": 1})
        assert view["status"] == self.engagement.status
        assert view["rounds_left"] == self.engagement.rounds_left


EngagementMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestEngagement = EngagementMachine.TestCase
