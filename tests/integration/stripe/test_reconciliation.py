"""The books against the statement of a Stripe that others wrote: they are the same money."""

from dataclasses import replace
from datetime import datetime

from services.payments.usecases.reconciling import reconcile
from tests.integration.stripe.rig import StripeRig
from tests.unit.payments.bookkeeping import books_of
from tests.unit.payments.fakes import World
from tests.unit.payments.story import PRICE, Story


def test_after_a_charge_and_a_partial_refund_both_sides_agree_to_the_cent(rig: StripeRig) -> None:
    world = World()
    world.desk = replace(world.desk, bank=rig.bank)
    story = Story(world)
    story.fund()
    story.refund(405)
    books = books_of(world, rig.bank)
    report = reconcile(books)
    assert (report["processor"], report["activities"], report["breaks"]) == ("stripe", 2, [])
    assert report["sound"], report
    held = report["currencies"]["USD"]
    assert held["ledger"] == held["processor"] == rig.net()["USD"] < PRICE - 405


def test_what_the_books_do_not_know_is_found(rig: StripeRig) -> None:
    world = World()
    world.desk = replace(world.desk, bank=rig.bank)
    Story(world).fund()
    charge = rig.client.v1.charges.list({"limit": 1}).data[0]
    rig.client.v1.refunds.create({"charge": charge.id, "amount": 100})  # In Stripe's dashboard.
    world.now.now = charge_time(rig)
    books = books_of(world, rig.bank)
    reconcile(books)
    world.now.pass_(hours=2)
    report = reconcile(books)
    assert [(one["kind"], dict(one["amounts"])) for one in report["breaks"]] == [
        ("missing_in_ledger", {"USD": -100})
    ]
    assert report["currencies"]["USD"]["agree"]


def charge_time(rig: StripeRig) -> datetime:
    """When the stand-in's clock booked the last movement."""
    return max(line.at for line in rig.activity())
