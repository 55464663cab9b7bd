"""A candidate writes and reads their profile."""

from services.applications.domain import Candidate, Profile
from services.applications.usecases.ports import Candidates
from shared.envelope import Call
from shared.errors import NotFound
from shared.principal import Principal


def put_profile(candidates: Candidates, call: Call, profile: Profile) -> Candidate:
    by = call.principal
    by.require("put_profile")
    return candidates.change(
        by.id, call, lambda candidate: candidate.put(profile), new=lambda: Candidate(by.id)
    )


def get_profile(candidates: Candidates, by: Principal) -> Candidate:
    by.require("get_profile")
    candidate = candidates.find(by.id)
    if candidate is None:
        raise NotFound("profile-not-found", "You have not written a profile yet.")
    return candidate
