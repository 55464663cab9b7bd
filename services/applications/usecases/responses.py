"""How reliably a company answers who applies: computed from what it did, for everybody to see."""

from services.applications.usecases.ports import Asking, State
from shared.principal import Principal


def get_response_rate(ask: Asking, by: Principal, org_id: str) -> State:
    """Answers in time among all applications whose time is over or that were answered.

    Who withdraws before an answer is not counted. No application, no rate.
    """
    by.require("get_response_rate")
    counts = ask.responses(org_id)
    answered, silent = counts[True], counts[False]
    due = answered + silent
    return {
        "id": org_id,
        "answered": answered,
        "unanswered": silent,
        "rate": round(100 * answered / due, 1) if due else None,
    }
