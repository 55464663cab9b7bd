"""Projects: briefs from draft to closed, and the engagements that follow from them."""

from services.projects.service.briefs import Briefs
from services.projects.service.engagements import Engagements
from services.projects.service.kickoff import Kickoffs


class ProjectsService(Briefs, Engagements, Kickoffs):
    """The manifest: what it keeps, answers, hears and does by the clock is in its parts."""

    name = "projects"
