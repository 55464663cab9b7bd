"""Projects: briefs from draft to closed, and the engagements that follow from them."""

from services.projects.service.briefs import Briefs
from services.projects.service.engagements import Engagements


class ProjectsService(Briefs, Engagements):
    """The manifest: what it keeps, answers, hears and does by the clock is in its two parts."""

    name = "projects"
