"""What was found when the books were looked at, and who is looking."""

from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from services.payments.store.closing import BEGINNING
from services.payments.usecases.books import Report
from shared.platform import Platform

ABANDONED = timedelta(minutes=30)  # Who began before that and has not ended has died.


class Reports:
    """One document per look, and one with the last report of each kind."""

    def __init__(self, platform: Platform) -> None:
        self._reports = platform.database["reports"]

    def claim(self, id_: str, now: datetime) -> bool:
        """Whether this process is to do it: nobody has, and nobody is at it."""
        try:
            self._reports.insert_one({"_id": id_, "claimed_at": now})
        except DuplicateKeyError:
            abandoned = {"$gt": BEGINNING, "$lt": now - ABANDONED}
            wanted = {"_id": id_, "claimed_at": abandoned}
            done = self._reports.update_one(wanted, {"$set": {"claimed_at": now}})
            return bool(done.modified_count)
        return True

    def save(self, id_: str, kind: str, report: Report) -> None:
        """Under its id, and as the last of its kind; ends a claim of this id."""
        for name in (id_, f"last:{kind}"):
            self._reports.replace_one({"_id": name}, dict(report), upsert=True)

    def last(self, kind: str) -> Report | None:
        return self._reports.find_one({"_id": f"last:{kind}"})
