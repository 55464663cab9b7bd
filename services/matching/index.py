"""The rankings' memory: exact inverted indexes, from a skill to all who have it or ask for it."""

from collections import defaultdict
from collections.abc import Container, Sequence
from heapq import nsmallest

from services.matching.domain.scoring import (
    Held,
    Match,
    Need,
    Profile,
    Ranked,
    match,
    tie_break,
    value,
)


class CandidateIndex:
    """Candidates by skill. `top` adds up the postings, and equals scoring everybody one by one."""

    def __init__(self) -> None:
        self._people: dict[str, Profile] = {}
        self._lengths: dict[str, int] = {}
        self._postings: defaultdict[str, dict[str, Held]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._people)

    def put(self, candidate_id: str, held: Profile) -> None:
        self.remove(candidate_id)
        self._people[candidate_id] = dict(held)
        self._lengths[candidate_id] = sum(skill.lengthens for skill in held.values())
        for skill_id, skill in held.items():
            self._postings[skill_id][candidate_id] = skill

    def remove(self, candidate_id: str) -> None:
        for skill_id in self._people.pop(candidate_id, {}):
            del self._postings[skill_id][candidate_id]
            if not self._postings[skill_id]:
                del self._postings[skill_id]
        self._lengths.pop(candidate_id, None)

    def score(self, needs: Sequence[Need], candidate_id: str) -> Match | None:
        held = self._people.get(candidate_id)
        return None if held is None else match(needs, held)

    def top(
        self, project_id: str, needs: Sequence[Need], limit: int, without: Container[str] = ()
    ) -> list[Ranked]:
        total = sum(need.weight for need in needs)
        earned, asked = self._add_up(needs)
        worths = (
            (-value(sum_, total, self._lengths[id_] - asked[id_]), id_)
            for id_, sum_ in earned.items()
            if id_ not in without
        )
        best = nsmallest(limit, ((worth, tie_break(project_id, id_), id_) for worth, id_ in worths))
        ranked = [Ranked(id_, match(needs, self._people[id_])) for _, _, id_ in best]
        return [one for one in ranked if one.match.score > 0]

    def _add_up(self, needs: Sequence[Need]) -> tuple[dict[str, int], dict[str, int]]:
        """Of all who have one of these skills: the weight earned, and what is no mere length."""
        earned: defaultdict[str, int] = defaultdict(int)
        asked: defaultdict[str, int] = defaultdict(int)
        for need in needs:
            for id_, skill in self._postings.get(need.skill_id, {}).items():
                earned[id_] += need.weight * skill.percent
                asked[id_] += skill.lengthens
        return earned, asked


class ProjectIndex:
    """Open projects by the skills that they ask for."""

    def __init__(self) -> None:
        self._needs: dict[str, Sequence[Need]] = {}
        self._postings: defaultdict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._needs)

    def put(self, project_id: str, needs: Sequence[Need]) -> None:
        self.remove(project_id)
        self._needs[project_id] = list(needs)
        for need in needs:
            self._postings[need.skill_id].add(project_id)

    def remove(self, project_id: str) -> None:
        for need in self._needs.pop(project_id, ()):
            self._postings[need.skill_id].discard(project_id)

    def top(
        self, candidate_id: str, held: Profile, limit: int, without: Container[str] = ()
    ) -> list[Ranked]:
        sharing = {id_ for skill_id in held for id_ in self._postings.get(skill_id, ())}
        ranked = [Ranked(id_, match(self._needs[id_], held)) for id_ in sharing]
        return nsmallest(
            limit,
            (one for one in ranked if one.match.score > 0 and one.id not in without),
            key=lambda one: (-one.match.value, tie_break(one.id, candidate_id)),
        )
