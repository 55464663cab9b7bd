"""The letters that the gateway has sent, each with a template in `templates/letters`."""

FOLDER = "letters"
LETTERS = (
    *("verify-email", "reset-password", "invite-member", "assessment"),
    *("password-changed", "email-changed", "second-factor-changed"),
)
