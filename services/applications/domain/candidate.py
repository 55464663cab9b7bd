"""A candidate's own account of themselves: skills, portfolio, time."""

from dataclasses import asdict, dataclass, field

from services.applications.domain.eligibility import Personal
from services.applications.events import CandidateUpdated, Event
from shared.errors import Invalid


@dataclass(frozen=True)
class Skill:
    """`level` is the candidate's own estimate from 1 (beginner) to 5 (expert)."""

    skill_id: str
    label: str
    level: int


@dataclass(frozen=True)
class PortfolioItem:
    title: str
    description: str
    url: str | None = None
    file_id: str | None = None


@dataclass(frozen=True)
class Profile:
    """`schools` are only kept to be taken out of what blind reviewers read."""

    headline: str
    skills: list[Skill]
    weekly_hours: int
    open_to_work: bool
    about: str = ""
    portfolio: list[PortfolioItem] = field(default_factory=list)
    schools: list[str] = field(default_factory=list)
    eligibility: Personal = field(default_factory=Personal, repr=False)

    def pick(self, places: list[int]) -> list[PortfolioItem]:
        """The portfolio's items at these places, counted from 0; Invalid where there is none."""
        errors = {
            f"portfolio.{at}": "Your profile has no such item; count from 0."
            for at, place in enumerate(places)
            if place >= len(self.portfolio)
        }
        if errors:
            raise Invalid("portfolio-invalid", "Pick from your own portfolio.", errors)
        return [self.portfolio[place] for place in dict.fromkeys(places)]


@dataclass
class Candidate:
    """`id` is the account's id."""

    id: str
    profile: Profile | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def put(self, profile: Profile) -> None:
        """Replace the profile; the same one again is no news."""
        if profile == self.profile:
            return
        self.profile = profile
        self.events.append(
            CandidateUpdated(
                candidate_id=self.id,
                skills=[asdict(skill) for skill in profile.skills],
                weekly_hours=profile.weekly_hours,
                open_to_work=profile.open_to_work,
            )
        )
