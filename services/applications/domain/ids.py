"""Ids that tell nothing: a keyed hash of candidate and project names everything that follows."""

import base64
import hashlib
import hmac

LENGTH = 26  # Base32 characters: 130 bits.


def application_id(key: str, candidate_id: str, project_id: str) -> str:
    """The one application of this candidate to this project.

    Without the key nobody can tell whose it is, nor that two of them are one person's.
    """
    return f"app-{_keyed(key, f'{candidate_id}|{project_id}')}"


def invitation_id(key: str, candidate_id: str, project_id: str, *, suggested: bool) -> str:
    """Akin to no other id: who is invited must not be found again among who applies.

    Nor may a company that invites somebody by name learn which suggestion that is.
    """
    prefix = "sug" if suggested else "inv"
    return f"{prefix}-{_keyed(key, f'{prefix}|{candidate_id}|{project_id}')}"


def reengagement_id(key: str, candidate_id: str, project_id: str) -> str:
    """Akin to no other id: it must not tell whether there is an application."""
    return f"rng-{_keyed(key, f'rng|{candidate_id}|{project_id}')}"


def addressee(key: str, email: str) -> str:
    """Whose mailbox it is, for who knows the address; written in whatever case."""
    return _keyed(key, f"address|{email.strip().lower()}")


def assessment_id(key: str, addressee: str, project_id: str) -> str:
    """The one assessment of this person by this project, as the ATS names it."""
    return f"asm-{_keyed(key, f'assessment|{addressee}|{project_id}')}"


def scorecard_id(application_id: str, reviewer_id: str) -> str:
    """The one scorecard of this reviewer for this application."""
    return f"{sibling_id('scd', application_id)}-{reviewer_id}"


def portfolio_id(key: str, candidate_id: str) -> str:
    """A public name that does not tell which account it is."""
    return f"pfl-{_keyed(key, f'portfolio|{candidate_id}')}"


def sibling_id(prefix: str, other_id: str) -> str:
    """The thing of another kind that belongs to the same application: `app-x` -> `eng-x`."""
    return f"{prefix}-{other_id.partition('-')[2]}"


def _keyed(key: str, text: str) -> str:
    digest = hmac.digest(key.encode(), text.encode(), hashlib.sha256)
    return base64.b32encode(digest).decode().lower()[:LENGTH]
