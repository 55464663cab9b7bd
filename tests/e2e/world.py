"""A finished journey with its people by role, and strangers with the same roles."""

from dataclasses import dataclass, field

from deploy.embedded.stack import Stack
from services.payments.sandbox_bank.lines import id_of
from shared.principal import ANONYMOUS, Principal
from tests.e2e.accounts import add_account
from tests.e2e.journey import PASSWORD, Api, Journey, Json, People, address

ORG_ROLES = ("owner", "recruiter", "evaluator")
STAFF_ROLES = ("educator", "partner", "operator")


@dataclass
class World:
    """`ours` are the journey's people and staff; `strangers` another company's."""

    journey: Journey
    ours: dict[str, Api]
    strangers: dict[str, Api]
    ids: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # Whose: one that they have uploaded.


def build(stack: Stack) -> World:
    """Play one journey to its end and register everybody else."""
    people = People(stack.url)
    journey = Journey.of(people).publish().ask().apply().select().accept().funded().started()
    journey.agree().submit().evaluate()
    journey.paid()
    world = World(journey, _team(people, journey), _team(people, Journey.of(people)))
    for role in STAFF_ROLES:
        world.ours[role] = add_account(stack, role)
    world.ids = _ids(world)
    return world


def principal(api: Api | None) -> Principal:
    """Who the gateway would say that this is."""
    if api is None:
        return ANONYMOUS
    account = api.account
    return Principal(account["id"], account["role"], account.get("org_id"))


def _team(people: People, journey: Journey) -> dict[str, Api]:
    team = {"candidate": journey.candidate, "owner": journey.owner}
    return team | {role: people.member(journey.owner, role) for role in ORG_ROLES[1:]}


def _known(journey: Journey) -> dict[str, str]:
    """The candidate is offered another project, and asked for consent to the talent pool."""
    other = Journey(journey.people, journey.owner, journey.candidate).publish()
    path = f"/v1/projects/{other.project_id}/reengagements"
    again = journey.owner.until_posted(path, {"engagement_id": journey.engagement_id})
    asked = journey.owner.post(f"{journey.application}/talent", {"lists": ["analysts"]})
    return {"reengagement_id": again["id"], "talent_id": asked["id"]}


def _invitation(journey: Journey) -> Json:
    """The candidate is invited to another project of the company."""
    other = Journey(journey.people, journey.owner, journey.candidate).publish()
    path = f"/v1/projects/{other.project_id}/invitations"
    return journey.owner.until_posted(path, {"candidate_id": journey.candidate.account["id"]})


def _funding_plan(journey: Journey) -> str:
    """Who pays for the company's project: nobody but the company."""
    path = f"/v1/projects/{journey.project_id}/funding"
    return str(journey.owner.put(path, {"currency": "USD"})["id"])


def _repayment(journey: Journey) -> str:
    """The company asks for a cent back."""
    wish = {"amount": 1, "reason": "Rounding."}
    view = journey.owner.post(f"{journey.engagement}/repayments", wish)
    return str(view["repayments"][0]["request_id"])


def _upload(candidate: Api) -> str:
    """A file that is announced and not sent yet."""
    announced = {"name": "later.csv", "size": 4, "sha256": "0" * 64}
    return str(candidate.post("/v1/uploads", announced)["id"])


def _looked_at(world: World) -> str:
    """An operator looks at the platform as the candidate sees it."""
    account_id = world.journey.candidate.account["id"]
    why = {"account_id": account_id, "reason": "They cannot hand in.", "ticket": "SUP-1"}
    return str(world.ours["operator"].post("/v1/impersonations", why)["id"])


def _partner(journey: Journey) -> dict[str, str]:
    """Another system of the company, with an endpoint where nobody listens."""
    partner = journey.owner.post("/v1/partners", {"name": "Tracking"})
    path = f"/v1/partners/{partner['id']}/endpoints"
    endpoint = journey.owner.post(path, {"url": "https://hooks.example.invalid/"})
    delivery = journey.owner.post(f"{path}/{endpoint['id']}/ping")
    return {
        "partner_id": partner["id"],
        "endpoint_id": endpoint["id"],
        "delivery_id": delivery["id"],
    }


def _another_session(api: Api) -> str:
    """Of the same person, on another device."""
    Api(api.base).sign_in(api.account["email"], PASSWORD)
    items = api.get("/v1/sessions")["items"]
    return str(next(item["id"] for item in items if not item["current"]))


def _assessment(journey: Journey, project_id: str) -> dict[str, str]:
    """The project is sent to somebody, as the company's recruiting system does it."""
    journey.owner.put(f"/v1/projects/{project_id}/assessment", {"usable": True})
    person = {"first_name": "Harry", "last_name": "Potter", "email": address("harry")}
    test = {"partner_test_id": project_id, "candidate": person}
    sent = journey.owner.post("/v1/ats/greenhouse/send_test", test)
    return {"assessment_project_id": project_id, "assessment_id": sent["partner_interview_id"]}


def _ids(world: World) -> dict[str, str]:
    journey = world.journey
    candidate = journey.candidate
    view = candidate.get(journey.engagement)
    (milestone,), (order,) = view["milestones"], view["change_orders"]
    credential = candidate.until("/v1/credentials", lambda page: page["items"], "the credential")
    message = candidate.post(f"{journey.engagement}/messages", {"text": "Thank you."})
    odd = {"kind": "other", "text": "Something is odd here."}
    flag = candidate.post(f"{journey.engagement}/flags", odd)
    of_work = f"/v1/credentials/{credential['items'][0]['id']}"
    (handed_in,) = view["deliverables"][0]["files"]
    candidate.put(f"{of_work}/sharing", {"public": True, "files": [handed_in["sha256"]]})
    journey.owner.put(f"{of_work}/consent", {"files": [handed_in["sha256"]]})
    asked = _invitation(journey)
    invited = {"email": address("invited"), "role": "evaluator"}
    key = {"name": "Export", "scopes": ["list_projects"]}
    return {
        "project_id": journey.project_id,
        "inquiry_id": journey.inquiry_id,
        "template_id": "crm-cleaning",
        "application_id": journey.application_id,
        "engagement_id": journey.engagement_id,
        "candidate_id": candidate.account["id"],
        **_assessment(journey, asked["project_id"]),
        "kind": "nda",
        "processor": "sandbox",
        "token": "acc-x.match.suggested.c2lnbmF0dXJl",  # Of a link in a mail, not one of ours.
        "account": "held_funds",
        "report": "check",
        "offer_id": journey.offer()["id"],
        "invitation_id": asked["id"],
        **_known(journey),
        "credential_id": credential["items"][0]["id"],
        "portfolio_id": candidate.put("/v1/portfolio", {"public": True})["id"],
        "list_id": "0",
        "file_id": handed_in["file_id"],
        "sha256": handed_in["sha256"],
        "upload_id": _upload(candidate),
        "org_id": view["org_id"],
        "approval_id": "c-0199",
        "chargeback_id": "dp_0199",
        "message_id": message["id"],
        "flag_id": flag["flag_id"],
        "milestone_id": milestone["milestone_id"],
        "order_id": order["order_id"],
        "member_id": journey.owner.account["id"],
        "member_invitation_id": journey.owner.post("/v1/organisation/invitations", invited)["id"],
        "session_id": _another_session(candidate),
        "key_id": journey.owner.post("/v1/api-keys", key)["id"],
        "charge_id": id_of("ch", f"{journey.engagement_id}:charge:1"),
        "account_id": id_of("acct", f"{candidate.account['id']}:account"),
        "card_id": journey.owner.get("/v1/payment-methods")["items"][0]["id"],
        "plan_id": _funding_plan(journey),
        "request_id": _repayment(journey),
        "impersonation_id": _looked_at(world),
        "export_id": candidate.post("/v1/me/export")["id"],
        **_partner(journey),
        "period": "2026-11",
        "number": "1",
        "notification_id": candidate.get("/v1/notifications")["items"][0]["id"],
    }
