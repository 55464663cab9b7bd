"""The stint command: what operators and developers type."""
