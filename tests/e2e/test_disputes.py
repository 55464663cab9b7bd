"""A dispute over the gateway: on record, bargained over, silent, appealed; and a chargeback."""

import io
import json
import os
import subprocess
from collections.abc import Callable

import pytest

from deploy.embedded.stack import Stack
from tests.e2e.accounts import STINT, add_account
from tests.e2e.journey import PASSWORD, Api, Journey, Json, People, Problem, status
from tests.e2e.test_kickoff import told

DAY = 24 * 3600
Travel = Callable[[float], None]
PRICE = 26405
SPLIT = {"released_amount": 15843, "refunded_amount": 10562}  # 60 and 40 of a hundred.


@pytest.fixture(scope="module")
def people(stack: Stack) -> People:
    return People(stack.url)


@pytest.fixture(scope="module")
def operator(stack: Stack) -> Api:
    return add_account(stack, "operator")


def delivered(people: People) -> Journey:
    return Journey.of(people).publish().apply().to_delivered()


def newest(view: Json) -> Json:
    found: Json = view["items"][0]
    return found


def sign_in(*people: Api) -> None:
    """Access tokens do not live for days."""
    for api in people:
        api.sign_in(api.account["email"], PASSWORD)


def stint(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    """What an operator types on a machine of the platform."""
    env = {**os.environ, **stack.environment}
    return subprocess.run(
        [STINT, *words], env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_both_sides_agree_on_60_to_40_and_the_journal_has_every_cent(
    people: People, operator: Api
) -> None:
    journey = delivered(people)
    owner, candidate = journey.owner, journey.candidate
    path = f"{journey.engagement}/disputes"
    body = io.BytesIO(b"row,missing\n7,yes\n")
    file_id = owner.upload_bytes("rows.csv", "text/csv", body)["file_id"]
    about = {"reason": "quality", "detail": "Some rows are missing.", "file_ids": [file_id]}
    opened = newest(owner.post(path, about))
    assert (opened["step"], opened["waits_for"]) == ("awaiting-response", "candidate")
    candidate.until(journey.engagement, status("disputed"), "the work standing still")
    told(candidate, "dispute.opened")
    (todo,) = [i for i in candidate.get("/v1/todo")["items"] if i["id"] == journey.engagement_id]
    assert (todo["kind"], todo["due_at"]) == ("dispute-answer-needed", opened["due_at"])
    assert candidate.fetch(f"/v1/files/{file_id}").startswith(b"row,missing")
    assert operator.fetch(f"/v1/files/{file_id}").startswith(b"row,missing")
    nobody_else_reads_it(people, journey, path, file_id)

    offered = newest(candidate.post(f"{path}/offers", {**SPLIT, "text": "For what is there."}))
    told(owner, "dispute.offered")
    agreed = newest(owner.post(f"{path}/offers/accept", {"offer_id": offered["offer_id"]}))
    assert (agreed["outcome"], agreed["basis"]) == ("split", "agreement")
    assert [post["act"] for post in agreed["posts"]] == ["opened", "offer", "acceptance"]
    payment = owner.until(f"{journey.engagement}/payment", status("paid"), "both payments")
    assert (payment["refunded_amount"], payment["held_amount"]) == (10562, 0)
    assert payment["paid_amount"] + payment["platform_fee_amount"] == 15843
    kinds = sorted(entry["kind"] for entry in payment["entries"])
    assert kinds == ["charge", "refund", "release", "transfer"]
    told(candidate, "dispute.resolved")
    owner.until(journey.engagement, status("submitted"), "the work going on")


def nobody_else_reads_it(people: People, journey: Journey, path: str, file_id: str) -> None:
    evaluator, stranger = people.member(journey.owner, "evaluator"), people.candidate(account=False)
    for api, code in ((evaluator, 403), (stranger, 404)):
        with pytest.raises(Problem) as refused:
            api.get(path)
        assert refused.value.status == code
    with pytest.raises(Problem) as refused:
        stranger.fetch(f"/v1/files/{file_id}")
    assert refused.value.status == 404


def test_silence_decides_an_appeal_follows_and_another_operator_ends_it(
    people: People, operator: Api, travel: Travel, stack: Stack
) -> None:
    journey = delivered(people)
    owner, candidate = journey.owner, journey.candidate
    path = f"{journey.engagement}/disputes"
    candidate.post(path, {"reason": "non-payment", "detail": "They do not look at it."})
    travel(8 * DAY)
    sign_in(owner, candidate, operator)
    silent = owner.until(path, lambda view: newest(view)["step"] == "appealable", "the silence")
    assert (newest(silent)["basis"], newest(silent)["decided"]["released_amount"]) == (
        "silence",
        PRICE,
    )
    told(owner, "dispute.decided")
    owner.post(f"{path}/appeal", {"text": "We were away: half of it is missing."})
    with pytest.raises(Problem) as once:
        candidate.post(f"{path}/appeal", {"text": "Again."})
    assert (once.value.status, once.value.code) == (409, "dispute-step-wrong")
    shown = stint(stack, "disputes", "show", journey.engagement_id).stdout
    assert "We were away" in shown
    waiting = operator.get("/v1/disputes")["items"]
    assert journey.engagement_id in [one["engagement_id"] for one in waiting]
    reasons = {"reasons": "Three of five columns are there."}
    decided = newest(operator.post(f"{path}/decide", {**SPLIT, **reasons}))
    assert (decided["step"], decided["basis"]) == ("final", "appeal")
    payment = owner.until(f"{journey.engagement}/payment", status("paid"), "both payments")
    assert (payment["released_amount"], payment["refunded_amount"]) == (15843, 10562)
    told(candidate, "dispute.resolved")


def test_two_operators_move_what_one_may_not(people: People, stack: Stack, operator: Api) -> None:
    journey = Journey.of(people, fee_amount=150_000).publish().apply().select().accept().funded()
    path = f"{journey.engagement}/payment"
    sign_in(operator)
    frozen = stint(stack, "funds", "freeze", journey.engagement_id, "--reason", "A stolen card.")
    assert "is frozen" in frozen.stdout, frozen.stderr
    listed = stint(stack, "funds", "ls", "--frozen", "--json")
    (held,) = [
        one for one in json.loads(listed.stdout) if one["engagement_id"] == journey.engagement_id
    ]
    assert (held["held_amount"], held["freeze_reason"]) == (150_000, "A stolen card.")
    refused = stint(stack, "disputes", "decide", journey.engagement_id, "--released", "1",
                    "--refunded", "0", "--reasons", "So.", "--yes")  # fmt: skip
    assert (refused.returncode, "No dispute is open" in refused.stderr) == (2, True)
    operator.post(f"{path}/unfreeze", {"reason": "The bank says it was not."})
    asked = operator.post(f"{path}/refund", {"reason": "Agreed with both sides."})
    (approval,) = asked["approvals"]
    approve = f"{journey.engagement}/approvals/{approval['approval_id']}/approve"
    with pytest.raises(Problem) as alone:
        operator.post(approve)
    assert (alone.value.status, alone.value.code) == (403, "same-operator")
    second = add_account(stack, "operator")
    assert second.post(approve)["refunded_amount"] == 150_000
    journey.owner.until(journey.engagement, status("cancelled"), "the end of the work")


def test_a_chargeback_freezes_work_and_money_until_the_network_has_decided(
    people: People, operator: Api
) -> None:
    journey = Journey.of(people, token="tok_createDispute").publish().apply().select().accept()
    sign_in(operator)
    payment, place = f"{journey.engagement}/payment", f"{journey.engagement}/chargebacks"
    journey.owner.until(payment, status("frozen"), "hearing of the chargeback")
    journey.candidate.until(journey.engagement, status("disputed"), "the work standing still")
    (found,) = [
        one
        for one in operator.get("/v1/chargebacks")["items"]
        if one["engagement_id"] == journey.engagement_id
    ]
    operator.post(f"{place}/{found['chargeback_id']}/answer", {"evidence": "winning_evidence"})
    journey.owner.until(payment, status("funded"), "the network's decision")
    journey.funded()
