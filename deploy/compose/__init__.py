"""Proves docker-compose.yml: the whole journey in containers, with faults on the way."""
