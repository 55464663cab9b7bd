"""Who asks, and the one table of who may do what: operation x role x relation."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shared.data import read_yaml
from shared.errors import Forbidden, NotFound

TABLE = Path(__file__).parent / "permissions.yml"


@cache
def permissions() -> dict[str, Any]:
    """The table by operation: `{service, http, about, allow: {role: relation}}`, and `verified`
    where it takes a proved e-mail address.

    Relations: `any`; `org` (the thing belongs to the principal's organisation); `person` (the thing
    is about the principal); `public` (it is public, or belongs to them in one of these two ways).
    """
    table: dict[str, Any] = read_yaml(TABLE)
    return table


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a request acts for; `role` is a column of the table, `anonymous` for nobody signed in.

    `acting` is the operator who does it in their name, if it is not themselves.
    """

    id: str
    role: str
    org_id: str | None = None
    acting: str = ""

    def require(
        self,
        operation: str,
        *,
        org_id: str | None = None,
        person_id: str | None = None,
        public: bool = False,
    ) -> None:
        """Raise Forbidden where the role may never do it, NotFound where this one is not theirs.

        A stranger is told NotFound, not Forbidden: that something exists is not theirs to know.
        """
        relation = permissions()[operation]["allow"].get(self.role)
        if relation is None:
            raise Forbidden("operation-forbidden", f"A {self.role} may not {words(operation)}.")
        ours = org_id is not None and org_id == self.org_id
        mine = person_id is not None and person_id == self.id
        holds = {"any": True, "org": ours, "person": mine, "public": public or ours or mine}
        if not holds[relation]:
            raise NotFound("not-found", "There is no such thing, or it is not yours.")


ANONYMOUS = Principal("anonymous", "anonymous")
SYSTEM = Principal("system", "system")


def words(operation: str) -> str:
    """`publish_project` as people say it: `publish project`."""
    return operation.replace("_", " ")
