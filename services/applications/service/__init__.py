"""Applications: profiles, applying and selecting, hire offers and credentials."""

from services.applications.service.assessments import AssessmentsOfAts
from services.applications.service.candidates import Candidates
from services.applications.service.hires import Hires
from services.applications.service.hiring import Hiring
from services.applications.service.metrics import Metrics
from services.applications.service.news import News
from services.applications.service.people import People
from services.applications.service.proof import InTheOpen
from services.applications.service.selection import Selection
from services.applications.service.talent import TalentPool
from services.applications.usecases import todo
from services.applications.usecases.ports import State
from shared.envelope import Call
from shared.rpc import rpc


class ApplicationsService(
    Candidates,
    Selection,
    News,
    Hiring,
    Hires,
    Metrics,
    TalentPool,
    InTheOpen,
    People,
    AssessmentsOfAts,
):
    """The manifest: what it keeps, answers, hears and does by the clock is in its parts."""

    name = "applications"

    @rpc
    def list_todo(self, call: Call) -> State:
        return todo.list_todo(self.queries, self.cards, call.principal)
