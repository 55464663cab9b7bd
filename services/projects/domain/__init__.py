"""The rules of briefs and of the work on them, in plain Python."""
