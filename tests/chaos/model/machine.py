"""Every rule is one thing that may happen next; afterwards all must be as if nothing had."""

from collections import Counter as Tally
from collections import defaultdict
from itertools import chain

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.chaos.model.counting import HIT, NOTED
from tests.chaos.model.memory import Fate
from tests.chaos.model.replica import Parts, Replica
from tests.chaos.model.world import World

COUNTERS = ("a", "b")
ROUNDS = 400  # More than any run needs to come to rest.
ANY = st.integers(0, 999)
SIDES = st.sampled_from([0, 1])
FATES = st.sampled_from([Fate.DONE, Fate.DONE, Fate.DONE, Fate.LOST, Fate.ANSWER_LOST])


class Interleaving(RuleBasedStateMachine):
    """Saves, crashes, redeliveries, duplicates and reordering, one small step at a time."""

    parts = Parts()

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.parts)
        self.told: Tally[str] = Tally()
        self.refused = False

    def replica(self, side: int) -> Replica:
        return self.world.replicas[side]

    @rule(counter=st.sampled_from(COUNTERS))
    def tell(self, counter: str) -> None:
        if sum(self.told.values()) < 12:
            self.told[counter] += 1
            self.world.tell(counter)

    @precondition(lambda self: self.world.broker.ready)
    @rule(side=SIDES, which=ANY)
    def deliver(self, side: int, which: int) -> None:
        """Any message that is ready, so in any order."""
        ready = self.world.broker.ready
        self.replica(side).receive(ready.pop(which % len(ready)))
        self.world.settle()

    @precondition(lambda self: self.world.broker.ready)
    @rule(which=ANY)
    def duplicate(self, which: int) -> None:
        ready = self.world.broker.ready
        ready.append(ready[which % len(ready)])

    @precondition(lambda self: any(each.held for each in self.world.replicas))
    @rule(which=ANY, fate=FATES)
    def decide(self, which: int, fate: Fate) -> None:
        """One operation of a database or a publisher happens, is lost, or is never answered."""
        waiting = [(each, at) for each in self.world.replicas for at in range(len(each.held))]
        replica, at = waiting[which % len(waiting)]
        replica.decide(at, fate)
        self.world.settle()

    @precondition(lambda self: any(each.sent for each in self.world.replicas))
    @rule(side=SIDES, count=st.integers(1, 3))
    def arrive(self, side: int, count: int) -> None:
        for _ in range(min(count, len(self.replica(side).sent))):
            self.replica(side).arrives()

    @precondition(lambda self: any(each.unconfirmed for each in self.world.replicas))
    @rule(side=SIDES, count=st.integers(1, 3), ack=st.sampled_from([True, True, True, False]))
    def confirm(self, side: int, count: int, ack: bool) -> None:
        replica = self.replica(side)
        if replica.unconfirmed:
            self.refused |= not ack
            replica.confirm(min(count, replica.unconfirmed), ack=ack)
            self.world.settle()

    @precondition(lambda self: self.world.broker.later)
    @rule(which=ANY)
    def climb(self, which: int) -> None:
        """A message's wait on the ladder is over."""
        later = self.world.broker.later
        self.world.broker.ready.append(later.pop(which % len(later)))

    @rule(side=SIDES, seconds=st.sampled_from([0.1, 1.0, 15.0]))
    def tidy(self, side: int, seconds: float) -> None:
        self.world.pass_time(seconds)
        self.replica(side).tidy()
        self.world.settle()

    @rule(side=SIDES)
    def lose_relay_connection(self, side: int) -> None:
        self.replica(side).connect_relay()
        self.world.settle()

    @rule(side=SIDES)
    def lose_consumer_connection(self, side: int) -> None:
        self.replica(side).lose_consumer()
        self.world.settle()

    @rule(side=SIDES)
    def crash(self, side: int) -> None:
        self.world.replace(side)
        self.world.settle()

    def teardown(self) -> None:
        """From here on nothing goes wrong: whatever happened before, all ends as it must."""
        try:
            self.come_to_rest()
            self.check()
        finally:
            for each in chain(self.world.replicas, self.world.dead):
                each.alive = False

    def come_to_rest(self) -> None:
        for _ in range(ROUNDS):
            if self.move():
                continue
            if self.at_rest():
                return
            self.world.pass_time(15)
            for replica in self.world.replicas:
                replica.tidy()
            self.world.settle()
        raise AssertionError(f"never at rest: {self.left()}")

    def move(self) -> bool:
        """Let everything that waits happen, once; whether anything did."""
        moved = False
        broker = self.world.broker
        for replica in self.world.replicas:
            while replica.held:
                replica.decide(0, Fate.DONE)
                self.world.settle()
                moved = True
            while replica.sent:
                replica.arrives()
                moved = True
            if replica.unconfirmed:
                replica.confirm(replica.unconfirmed)
                self.world.settle()
        for letter in [broker.ready.pop(0) for _ in list(broker.ready)]:
            self.replica(len(letter.id) % 2).receive(letter)
            self.world.settle()
            moved = True
        broker.ready += [broker.later.pop(0) for _ in list(broker.later)]
        return moved

    def at_rest(self) -> bool:
        busy = any(each.held or each.sent or each.unsettled for each in self.world.replicas)
        return not busy and not self.left()

    def left(self) -> str:
        broker = self.world.broker
        pending = list(self.world.pending())
        unsettled = [m.letter for each in self.world.replicas for m in each.unsettled]
        left = broker.ready + broker.later + unsettled
        return f"pending {pending}, left {left}" if pending or left else ""

    def check(self) -> None:
        """The state of a run in which every message came once, in order, and nothing went wrong."""
        counters = self.world.documents("counters")
        mirrors = self.world.documents("mirrors")
        assert {id_: each["count"] for id_, each in counters.items()} == self.told
        assert {id_: each["last"] for id_, each in mirrors.items()} == self.told
        assert {id_: each["version"] for id_, each in counters.items()} == self.told
        assert self.world.broker.parked == []
        self.check_events()

    def check_events(self) -> None:
        """Each event under one id; the first deliveries of an aggregate in its order."""
        firsts: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for type_, subject, version in self.world.broker.first.values():
            if type_ in (HIT, NOTED):
                firsts[type_, subject].append(version)
        expected = {
            (type_, f"{kind}:{id_}"): list(range(1, count + 1))
            for type_, kind in ((HIT, "counter"), (NOTED, "mirror"))
            for id_, count in self.told.items()
        }
        came = dict(firsts)
        if self.refused:  # What follows a refused event may be accepted before it.
            came = {key: sorted(versions) for key, versions in came.items()}
        assert came == expected
