"""Puts together what knows who somebody is, on the real stores."""

from typing import Any

from services.gateway import people_store, store
from services.gateway.accounts import Accounts
from services.gateway.api_keys import ApiKeys
from services.gateway.auth import Passwords, Sessions
from services.gateway.config import REQUIRED
from services.gateway.domain import Session
from services.gateway.handover import Handover
from services.gateway.members import Members
from services.gateway.oidc import OpenIdProvider
from services.gateway.post import Post
from services.gateway.recovery import Recovery
from services.gateway.second_factor import Seals, SecondFactors, sealing_secrets
from services.gateway.sso import SingleSignOn
from services.gateway.tokens import Tokens, load_keys
from shared.platform import Platform
from shared.store import Store


def build(
    platform: Platform, passwords: Passwords, session_store: Store[Session], api_keys: ApiKeys
) -> dict[str, Any]:
    """The ports that are about people, by name."""
    settings: Any = platform.settings
    now, folder = platform.now, settings.files_dir / "keys"
    tokens = Tokens(load_keys(settings.signing_keys, folder), now)
    post, seals = Post(tokens, now), Seals(sealing_secrets(settings.sealing_keys, folder))
    emails = store.emails(platform)
    accounts = Accounts(
        store.accounts(platform),
        store.organisations(platform),
        emails,
        passwords,
        now,
        post,
        settings.email_verification == REQUIRED,
    )
    sessions = Sessions(accounts.accounts, session_store, emails, passwords, tokens, now)
    resets = people_store.ResetRequests(platform)
    invitations = people_store.member_invitations(platform)
    owners = people_store.owners_of
    return {
        "tokens": tokens,
        "accounts": accounts,
        "sessions": sessions,
        "sessions_of": people_store.sessions_of,
        "recovery": Recovery(accounts, sessions, resets, passwords, api_keys, post, now),
        "second_factors": SecondFactors(accounts, passwords, tokens, seals, now),
        "memberships": Members(accounts, invitations, owners, api_keys, post, tokens, now),
        "member_invitations": people_store.invitations_of,
        "sso": _single_sign_on(platform, accounts, sessions, seals, api_keys),
    }


def _single_sign_on(
    platform: Platform, accounts: Accounts, sessions: Sessions, seals: Seals, api_keys: ApiKeys
) -> SingleSignOn:
    settings: Any = platform.settings
    states = people_store.SignInStates(platform)
    return SingleSignOn(
        accounts,
        sessions,
        people_store.connections(platform),
        states,
        OpenIdProvider(settings.environment == "production", platform.now),
        seals,
        api_keys,
        Handover(states, settings.sso_return_urls, platform.now),
        settings.public_url,
        platform.now,
    )
