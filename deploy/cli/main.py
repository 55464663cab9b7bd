"""The `stint` command: one group, whose subcommands are imported only when they are asked for."""

import click


@click.group()
def main() -> None:
    """Run and operate Stint."""
