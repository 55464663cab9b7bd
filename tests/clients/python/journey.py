"""A company and a candidate meet, through the client generated from the OpenAPI document.

`python journey.py BASE OPERATOR_EMAIL PASSWORD`, with the generated `stint_client` on the path.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

from stint_client import AuthenticatedClient, Client, models
from stint_client.api.accounts import create_session, register_account, verify_organisation
from stint_client.api.applications import put_profile, submit_application
from stint_client.api.matching import search_skills
from stint_client.api.payments import put_payment_method
from stint_client.api.projects import create_project, get_project, list_projects, publish_project
from stint_client.types import UNSET

T = TypeVar("T")


class Refused(Exception):
    """A problem document."""

    def __init__(self, problem: models.Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail}")
        self.problem = problem


def must(answer: T | models.Problem | None) -> T:
    """What was answered; a problem is raised."""
    if isinstance(answer, models.Problem):
        raise Refused(answer)
    assert answer is not None
    return answer


def refusal(ask: Callable[[], object]) -> models.Problem:
    """The problem that is answered."""
    try:
        ask()
    except Refused as refused:
        return refused.problem
    raise AssertionError("it was not refused")


def until(what: str, ask: Callable[[], T | None]) -> T:
    """Services hear of each other's work in moments, not at once."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = ask()
        if found is not None:
            return found
        time.sleep(0.05)
    raise TimeoutError(f"{what} did not happen in time")


def main(base: str, operator_email: str, password: str) -> str:
    nobody = Client(base_url=base)

    def sign_in(email: str) -> AuthenticatedClient:
        body = models.SignIn(email=email, password=password)
        session = must(create_session.sync(client=nobody, body=body))
        return AuthenticatedClient(base_url=base, token=session.access_token)

    def register(role: str, **about: str) -> tuple[models.Account, AuthenticatedClient]:
        email = f"{role}-{uuid4().hex}@example.com"
        body = models.Registration.from_dict(
            {"role": role, "email": email, "password": password, **about}
        )
        return must(register_account.sync(client=nobody, body=body)), sign_in(email)

    account, owner = register("owner", name="Dana Whitfield", organisation_name="Northwind")
    _, candidate = register("candidate", name="Kim Li")
    must(put_payment_method.sync(client=owner, body=models.CardToken(token="tok_visa")))
    verified = models.Verification.from_dict({"level": "verified"})
    assert account.org_id
    must(verify_organisation.sync(account.org_id, client=sign_in(operator_email), body=verified))

    found = must(search_skills.sync(client=candidate, query="data"))
    skill = found.items[0]
    brief = models.Brief.from_dict(
        {
            "title": "Clean and dedupe our contacts",
            "summary": "Our contacts come from three systems and overlap.",
            "deliverables": [{"title": "Clean CSV", "acceptance_criteria": ["One row a person"]}],
            "skills": [{"skill_id": skill.skill_id, "label": skill.label, "required": True}],
            "hours": 12,
            "weeks": 1,
            "fee_amount": 26_400,
            "fee_currency": "USD",
            "supervisor": {"name": "Dana Whitfield", "role": "Sales operations"},
        }
    )
    draft = must(create_project.sync(client=owner, body=brief, idempotency_key=str(uuid4())))

    def heard() -> models.Project | None:
        read = must(get_project.sync(draft.id, client=owner))
        return read if read.organisation_level == "verified" else None

    until("hearing that the organisation is verified", heard)
    assert must(publish_project.sync(draft.id, client=owner)).status == "published"

    skills = [{"skill_id": skill.skill_id, "label": skill.label, "level": 4}]
    profile = {"headline": "Statistics student", "skills": skills, "weekly_hours": 15}
    must(put_profile.sync(client=candidate, body=models.ProfileIn.from_dict(profile)))

    def applied() -> models.Application | None:
        answer = submit_application.sync(draft.id, client=candidate, body=models.ApplicationIn())
        if isinstance(answer, models.Problem) and answer.status == 404:
            return None
        return must(answer)

    application = until("hearing of the publication", applied)
    assert application.project_id == draft.id

    seen, after = 0, None
    while not seen:
        page = must(list_projects.sync(client=nobody, limit=1, after=after or UNSET))
        seen += sum(item.id == draft.id for item in page.items)
        after = page.next_
        assert seen or after, "the brief is on none of the pages"

    assert refusal(applied).code == "already-applied"
    return application.id


if __name__ == "__main__":
    print(f"ok {main(*sys.argv[1:])}")
