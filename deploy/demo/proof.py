"""The end of a journey: both rate by anchors, and anybody can check the proof of the work."""

from dataclasses import dataclass

from deploy.demo.client import Api, Json
from deploy.demo.play import Engaged

COMPANY_SCORES = {"brief_clarity": 4, "preparedness": 4, "responsiveness": 5, "fairness": 5}
SHOWN = {"public": True, "name": True, "scores": True, "evidence": True}


@dataclass(frozen=True)
class Proof:
    """A public credential, as the page of verification tells it to a stranger."""

    url: str
    status: str
    scores: Json | None


def anchors(run: Engaged) -> list[str]:
    """What each score of the company says, in the words of the rubric."""
    rubric = Api(run.owner.base).get("/v1/rubric")["candidate"]
    said = []
    for row in rubric:
        score = run.brief["scores"][row["dimension"]]
        said.append(f"{row['label']} {score}/5: {row['anchors'][str(score)]}")
    return said


def rate_company(run: Engaged) -> None:
    """With both in, both may read; nobody's pay has waited for it."""
    body = {
        "scores": COMPANY_SCORES,
        "comment": "A clear brief, and quick answers.",
        "would_engage_again": True,
        "would_recommend": True,
    }
    run.candidate["api"].post(f"{run.path}/company-evaluation", body)


def show(run: Engaged) -> Proof:
    """The candidate says what may be shown; a stranger checks the credential."""
    api: Api = run.candidate["api"]
    page = api.until("/v1/credentials", lambda page: _scored(page, run), "the released scores")
    path = f"/v1/credentials/{_scored(page, run)[0]['id']}"
    api.put(f"{path}/sharing", SHOWN)
    url = api.get(f"{path}/badge")["verify_url"]
    seen = Api(run.owner.base).get(url.removeprefix(run.owner.base))
    return Proof(url, seen["status"], seen["shown"]["scores"])


def _scored(page: Json, run: Engaged) -> list[Json]:
    return [
        item
        for item in page["items"]
        if item["engagement_id"] == run.engagement_id and item["scores"]
    ]
