"""`stint review ls|approve|request-changes`: the briefs that wait for an operator's look."""

import json
from collections.abc import Iterator
from typing import Any

import click
from rich.table import Table

from deploy.cli.asking import Ask, asking
from deploy.cli.conduct import as_json, console
from deploy.cli.main import Refusal


@click.group()
def review() -> None:
    """Look at briefs before candidates see them, let them out, or send them back.

    A brief waits here where nobody has verified its organisation, where the company declares work
    of a kind that is looked at, or where a rule has found a word. Why, is in the list.
    """


@review.command()
@as_json
@asking("projects")
def ls(ask: Ask, as_json: bool) -> None:
    """List what waits, with the reasons why somebody should look."""
    found = list(_waiting(ask))
    if as_json:
        click.echo(json.dumps([_facts(project) for project in found]))
    elif not found:
        click.echo("nothing waits for a review")
    else:
        console().print(_table(found))


@review.command()
@click.argument("project_id")
@asking("projects")
def approve(ask: Ask, project_id: str) -> None:
    """Let the brief of PROJECT_ID out as it is."""
    project = ask("approve_project", project_id=project_id)
    click.echo(f"{project['id']} is {project['status']}: {project['title']}")


@review.command("request-changes")
@click.argument("project_id")
@click.argument("reasons", nargs=-1, required=True, metavar="FIELD=REASON...")
@asking("projects")
def request_changes(ask: Ask, project_id: str, reasons: tuple[str, ...]) -> None:
    """Send the brief of PROJECT_ID back, with a reason for each field that is to be changed.

    \b
    Example:
      stint review request-changes prj-0199 summary='Say which systems they come from.'
    """
    given = [_reason(text) for text in reasons]
    project = ask("request_project_changes", project_id=project_id, reasons=given)
    click.echo(f"{project['id']} is sent back: {project['title']}")


def _reason(text: str) -> dict[str, str]:
    field, separator, reason = text.partition("=")
    if not separator:
        raise Refusal(f"{text!r} is no FIELD=REASON")
    return {"field": field, "reason": reason}


def _waiting(ask: Ask) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = ask("list_reviews", limit=100, after=after)
        yield from page["items"]
        if (after := page["next"]) is None:
            return


def _facts(project: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "org_id", "organisation_level", "title")
    return {name: project[name] for name in names} | {
        "submitted_at": project["review"]["submitted_at"],
        "findings": project["review"]["findings"],
    }


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table("project", "since", "organisation", "title", "why")
    for project in found:
        facts = _facts(project)
        why = "\n".join(f"{one['field']}: {one['sentence']}" for one in facts["findings"])
        level = facts["organisation_level"].replace("_", " ")
        since = facts["submitted_at"][:16].replace("T", " ")
        table.add_row(facts["id"], since, level, facts["title"], why)
    return table
