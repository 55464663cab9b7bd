"""What can be done here: a function per command, query or reaction."""
