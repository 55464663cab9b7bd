"""Projects: briefs from draft to closed, and the engagements that follow from them."""

from services.projects.service.evaluations import Evaluations
from services.projects.service.inquiries import Inquiries
from services.projects.service.kickoff import Kickoffs
from services.projects.service.people import People
from services.projects.service.reviews import Reviews
from services.projects.service.templates import Templates
from services.projects.service.threads import Threads
from services.projects.service.workroom import Workroom


class ProjectsService(
    Reviews, Inquiries, Templates, Evaluations, Kickoffs, Workroom, Threads, People
):
    """The manifest: what it keeps, answers, hears and does by the clock is in its parts."""

    name = "projects"
