"""Mail: the words of each notice, the letter around them, and the server that takes it."""

from services.notifications.mailer.smtp import SmtpMailer
from services.notifications.mailer.templates import FOLDER, Templates, one_line

__all__ = ["FOLDER", "SmtpMailer", "Templates", "one_line"]
