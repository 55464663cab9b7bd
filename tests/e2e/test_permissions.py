"""The permission table, row by row: every operation as every role, as a stranger, and as nobody:
without a token, with one that has run out, and with forged ones.

The rows come from `shared/permissions.yml`, what is sent from the examples of the OpenAPI document.
"""

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from deploy.embedded.stack import Stack
from shared.principal import permissions
from tests.counting import Count
from tests.e2e.asking import call, line
from tests.e2e.conformance import Document
from tests.e2e.forging import BAD_TOKENS, bad_tokens
from tests.e2e.journey import Api
from tests.e2e.world import World, build

OPERATIONS = {name: row for name, row in permissions().items() if "http" in row}
TRIED = "requests of the permission matrix"
COMPANY = {"owner", "recruiter", "evaluator"}
# What carries the file -> who of the company and its candidate may fetch it; operators may all.
FILES = {
    "handed in as work": COMPANY | {"candidate"},
    "in a message of the candidate": COMPANY | {"candidate"},
    "in a message of the company": COMPANY | {"candidate"},
    "evidence of the candidate's flag": {"candidate"},
    "evidence of the company's flag": COMPANY,
    "the candidate's own": {"candidate"},
    "the company's own": COMPANY,
}
NO_MEMBERS = ("educator", "partner")


@pytest.fixture(scope="module")
def world(stack: Stack) -> World:
    return build(stack)


@pytest.fixture(scope="module")
def document(world: World) -> Document:
    return Document(world.journey.owner.base)


@pytest.fixture(scope="module")
def tokens(stack: Stack, world: World) -> dict[str, str]:
    """What is no token of anybody, though it looks like an operator's."""
    return bad_tokens(stack, world)


def told(answer: requests.Response) -> str:
    return f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_everybody_may_do_what_the_table_says_and_is_answered_as_documented(
    world: World, operation: str, document: Document, count: Count
) -> None:
    allowed = OPERATIONS[operation]["allow"]
    for role, api in {**world.ours, "anonymous": None}.items():
        answer = call(world, operation, api)
        count(TRIED)
        if role not in allowed:
            assert answer.status_code == (403 if api else 401), (role, told(answer))
            assert answer.headers["Content-Type"].startswith("application/problem+json")
        else:
            assert answer.status_code not in (401, 403), (role, told(answer))
            assert answer.status_code < 500, (role, told(answer))
        assert list(document.faults(operation, answer)) == [], (role, told(answer))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_not_theirs_does_not_exist_for_strangers(
    world: World, operation: str, count: Count
) -> None:
    allowed, has_subject = OPERATIONS[operation]["allow"], "{" in OPERATIONS[operation]["http"]
    for role, api in world.strangers.items():
        if has_subject and allowed.get(role) in ("org", "person"):
            answer = call(world, operation, api)
            count(TRIED)
            assert answer.status_code == 404, (role, told(answer))
            assert "application/problem+json" in answer.headers["Content-Type"]


OWN = [
    (operation, role)
    for operation, row in OPERATIONS.items()
    for role, relation in row["allow"].items()
    if (relation == "person" and role == "candidate") or relation == "org"
]


@pytest.mark.parametrize(("operation", "role"), OWN)
def test_what_is_theirs_is_found(world: World, operation: str, role: str, count: Count) -> None:
    answer = call(world, operation, world.ours[role])
    count(TRIED)
    assert answer.status_code not in (401, 403, 404), told(answer)
    assert answer.status_code < 500, told(answer)


def turn(operation: str) -> int:
    """Read first, take away last."""
    return {"GET": 0, "DELETE": 2}.get(OPERATIONS[operation]["http"].split()[0], 1)


def test_what_an_answer_has_made_is_there_for_all_that_it_links_to(
    world: World, document: Document, count: Count
) -> None:
    made = set()
    for maker, links in document.links():
        role = "owner" if "owner" in OPERATIONS[maker]["allow"] else "candidate"
        answer = call(world, maker, world.ours[role])
        if answer.status_code != 201:
            continue  # It may be made once only, and has been.
        made.add(maker)
        service = OPERATIONS[maker]["service"]  # Others hear of it later, or when it is published.
        same = [name for name in links if OPERATIONS[name]["service"] == service]
        own = [name for name in same if role in OPERATIONS[name]["allow"]]
        for name in sorted(own, key=turn):
            there = replace(world, ids={**world.ids, links[name]: answer.json()["id"]})
            followed = call(there, name, world.ours[role])
            count("links of the document followed")
            assert followed.status_code not in (401, 403, 404), (maker, name, told(followed))
            assert list(document.faults(name, followed)) == [], (maker, name, told(followed))
    assert {"create_project", "copy_project", "create_partner", "create_upload"} <= made


def test_a_draft_is_seen_by_its_organisation_only(world: World) -> None:
    draft = world.journey.owner.post("/v1/projects", world.journey.brief())
    path = f"{world.journey.owner.base}/v1/projects/{draft['id']}"
    for role, api in [*world.strangers.items(), ("anonymous", None)]:
        headers = {"Authorization": str(api.session.headers["Authorization"])} if api else {}
        assert requests.get(path, headers=headers, timeout=30).status_code == 404, role
    assert world.ours["recruiter"].get(f"/v1/projects/{draft['id']}")["status"] == "draft"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_token_that_has_run_out_or_is_forged_opens_nothing(
    world: World, operation: str, tokens: dict[str, str], count: Count
) -> None:
    for kind, token in tokens.items():
        answer = call(world, operation, None, token)
        count(TRIED)
        assert answer.status_code == 401, (kind, told(answer))
        assert answer.json()["code"] in ("token-refused", "key-refused"), (kind, told(answer))
    assert tokens.keys() == BAD_TOKENS


@pytest.fixture(scope="module")
def files(world: World) -> dict[str, str]:
    """An id for each kind of file."""
    journey, path = world.journey, world.journey.engagement
    found = {"handed in as work": world.ids["file_id"]}
    for side, api in {"candidate": journey.candidate, "company": journey.owner}.items():
        found |= {f"the {side}'s own": _uploaded(api, f"own-{side}")}
        written, flagged = _uploaded(api, f"message-{side}"), _uploaded(api, f"flag-{side}")
        api.post(f"{path}/messages", {"text": "See this.", "file_ids": [written]})
        odd = {"kind": "other", "text": "Something is odd here.", "file_ids": [flagged]}
        api.post(f"{path}/flags", odd)
        found |= {
            f"in a message of the {side}": written,
            f"evidence of the {side}'s flag": flagged,
        }
    return found


def _uploaded(api: Api, text: str) -> str:
    stored = api.upload_bytes(f"{text}.csv", "text/csv", io.BytesIO(f"{text}\n".encode()))
    return str(stored["file_id"])


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_fetched_by_whom_it_is_for_and_by_nobody_else(
    world: World, files: dict[str, str], tokens: dict[str, str], kind: str, count: Count
) -> None:
    people = {f"another {role}": (api, 404) for role, api in world.strangers.items()}
    for role, api in world.ours.items():
        may = role in FILES[kind] or role == "operator"
        people[role] = (api, 200 if may else 403 if role in NO_MEMBERS else 404)
    for who, (api, expected) in people.items():
        answer = _get(world, f"/v1/files/{files[kind]}", _signed(api))
        count("requests for files")
        assert answer.status_code == expected, (who, answer.text[:300])
    for how, header in _refused(tokens):
        answer = _get(world, f"/v1/files/{files[kind]}", header)
        count("requests for files")
        assert answer.status_code == 401, how


def test_a_stream_shows_each_reader_what_their_pages_show_and_nothing_of_others(
    world: World, count: Count
) -> None:
    ours = {world.journey.engagement_id, world.journey.application_id}
    people = {**world.ours, **{f"another {role}": api for role, api in world.strangers.items()}}
    for who, api in people.items():
        page = api.get("/v1/events", limit=100)["items"]  # The log only grows, at its end.
        seen = list(_streamed(world, api, len(page)))
        count("streams of events")
        assert [event_id for event_id, _ in seen] == [event["id"] for event in page], who
        if who.startswith("another") or who in NO_MEMBERS:
            assert not any(id_ in text for _, text in seen for id_ in ours), who
        elif who != "operator":  # To whom other stories' events come first.
            assert any(id_ in text for _, text in seen for id_ in ours), who


def test_nobody_streams_without_a_token_that_is_good(
    world: World, tokens: dict[str, str], count: Count
) -> None:
    for how, header in _refused(tokens):
        answer = _get(world, "/v1/events", {**header, "Accept": "text/event-stream"})
        count("streams of events")
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            401,
            "application/problem+json",
        ), how


def _streamed(world: World, api: Api, wanted: int) -> Iterator[tuple[str, str]]:
    """Id and text of the events that a stream begins with."""
    headers = {**_signed(api), "Accept": "text/event-stream"}
    url = f"{world.journey.owner.base}/v1/events"
    with requests.get(url, headers=headers, stream=True, timeout=30) as answer:
        assert answer.status_code == 200, answer.text
        id_ = ""
        for text in answer.iter_lines(decode_unicode=True):
            if not wanted:
                return
            if text.startswith("id: "):
                id_ = text.removeprefix("id: ")
            elif text.startswith("data: "):
                wanted -= 1
                yield id_, text


def _signed(api: Api) -> dict[str, str]:
    return {"Authorization": str(api.session.headers["Authorization"])}


def _refused(tokens: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    yield "nobody", {}
    for how, token in tokens.items():
        yield how, {"Authorization": f"Bearer {token}"}


def _get(world: World, path: str, headers: dict[str, str]) -> requests.Response:
    return line().get(f"{world.journey.owner.base}{path}", headers=headers, timeout=30)
