"""What a bank still asks of a candidate, in plain words."""

from collections.abc import Iterable, Iterator

from services.payments.domain.parties import AccountStatus, PayoutAccount

# The longest beginning of the processor's name for a requirement decides.
WORDS = {
    "external_account": "your bank account",
    "tos_acceptance": "your consent to the bank's terms",
    "individual.verification.document": "a picture of an identity document",
    "individual.verification": "a proof of who you are",
    "individual.dob": "your date of birth",
    "individual.address": "your address",
    "individual.email": "your e-mail address",
    "individual.phone": "your phone number",
    "individual.first_name": "your name",
    "individual.last_name": "your name",
    "individual.id_number": "your tax or identity number",
    "individual.ssn_last_4": "the last four digits of your social security number",
    "individual": "something about you",
    "business_profile": "what you do",
    "business_type": "whether you act as a person or as a company",
}
REASONS = {
    "requirements.past_due": "the bank has waited too long for what is missing",
    "requirements.pending_verification": "the bank is checking what you sent",
    "under_review": "the bank is looking at the account",
    "listed": "the bank has to check a name on a list of sanctions",
    "rejected.fraud": "the bank suspects fraud",
    "rejected.terms_of_service": "the bank's terms were not kept",
    "rejected.listed": "the bank found the name on a list of sanctions",
    "rejected.other": "the bank has turned the account down",
    "platform_paused": "payouts are paused by the platform",
}


def missing(requirements: Iterable[str]) -> list[str]:
    """Each thing once, in words."""
    return list(dict.fromkeys(_words(name) for name in requirements))


def situation(account: PayoutAccount) -> str:
    """How the account stands and what to do, in a sentence or two."""
    return " ".join(_sentences(account))


def _sentences(account: PayoutAccount) -> Iterator[str]:
    lacking = missing(account.requirements)
    yield _standing(account)
    if account.disabled_reason:
        yield f"Why: {REASONS.get(account.disabled_reason, _plain(account.disabled_reason))}."
    if lacking:
        yield f"Missing: {', '.join(lacking)}. Open the link to add it."
    elif account.status is AccountStatus.PENDING:
        yield "Open the link to finish."


def _standing(account: PayoutAccount) -> str:
    if account.status is AccountStatus.RESTRICTED:
        return "Nothing can be paid to this account at the moment."
    if account.status is AccountStatus.PENDING:
        return "The account is not complete yet; what you earn is kept for you meanwhile."
    if account.payouts_enabled:
        return "The account is complete: what you earn is sent to it."
    return "What you earn is sent to the account, but your own bank account is not confirmed yet."


def _words(name: str) -> str:
    known = [beginning for beginning in WORDS if name.startswith(beginning)]
    return WORDS[max(known, key=len)] if known else _plain(name)


def _plain(name: str) -> str:
    return name.replace(".", " ").replace("_", " ")
