"""What notifications does: a function per command, query or reaction."""
