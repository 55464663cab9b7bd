"""A reviewer who tries every door: reads all there is to read, with every id that can be learnt."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import unquote

import requests

from tests.e2e.journey import Api, Json

PREFIXES = {
    "project_id": ("prj",),
    "application_id": ("app",),
    "engagement_id": ("eng",),
    "offer_id": ("hof",),
    "credential_id": ("crd",),
    "file_id": ("fil",),
    "org_id": ("org",),
    "invitation_id": ("inv", "sug"),
}
AKIN = ("eng", "hof", "crd", "scd", "fil")  # What is called like an application, but for this.
ID = re.compile(r"\b[a-z]{3}-[0-9a-z][0-9a-z-]{7,}|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST = 14  # Ids tried for one parameter that says nothing of its kind,
BESIDE = 2  # and so many where the path has others.
Said = tuple[str, str]  # Where it was read, and all of it: headers, body, what cursors hold.


@dataclass
class Reviewer:
    """`guesses` are ids that a reviewer cannot know, tried all the same."""

    api: Api
    document: Json
    guesses: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    visited: set[str] = field(default_factory=set)

    def reads(self) -> Iterator[Said]:
        """Everything there is, and then what the first round has taught of."""
        for _ in range(2):
            for path, operation in self._operations("get"):
                for url in self._urls(path):
                    if url not in self.visited:
                        self.visited.add(url)
                        yield from self._pages(url, operation)

    def writes(self) -> Iterator[Said]:
        """What every command says to nonsense, and to a version that is not the present one."""
        for method in ("post", "put", "patch", "delete"):
            for path, operation in self._operations(method):
                for url in () if operation.startswith("end_session") else self._urls(path):
                    body = {"reason": "not-a-fit", "candidate_id": "acc-unknown", "scores": {}}
                    for sent in ({}, body) if "{application_id}" in path else (body,):
                        yield self._said(method, url, json=sent, headers={"If-Match": '"999"'})

    def stream(self, enough: Callable[[str], bool]) -> Said:
        """The event stream from its beginning, until it has told enough."""
        headers = {"Accept": "text/event-stream"}
        url, told = f"{self.api.base}/v1/events", ""
        with self.api.session.get(url, headers=headers, stream=True, timeout=20) as answer:
            for chunk in answer.iter_content(None):
                told += chunk.decode()
                if enough(told):
                    break
        return "stream", told

    def _pages(self, url: str, operation: str) -> Iterator[Said]:
        query = {"query": "data"} if operation == "search_skills" else {}
        yield self._said("get", url, params=query)
        if operation.startswith("list_"):
            after: Json = {}
            for _ in range(12):
                where, text = self._said("get", url, params={**query, **after, "limit": 1})
                yield where, text
                cursor = re.search(r'"next":"([^"]+)"', text)
                if cursor is None:
                    break
                after = {"after": cursor[1]}

    def _said(self, method: str, url: str, **options: Any) -> Said:
        answer = self.api.session.request(method, self.api.base + url, timeout=30, **options)
        assert answer.status_code < 500, f"{method} {url}: {answer.text[:300]}"
        text = "\n".join([str(answer.headers), answer.text, *_opened(answer.text)])
        self.known |= set(ID.findall(text))
        return f"{method} {url} {answer.status_code}", text

    def _operations(self, method: str) -> Iterator[tuple[str, str]]:
        for path, item in self.document["paths"].items():
            if method in item and "operationId" in item[method]:
                yield path, item[method]["operationId"]

    def _urls(self, path: str) -> Iterator[str]:
        names = re.findall(r"{(\w+)}", path)
        most = MOST if len(names) == 1 else BESIDE
        for values in product(*(self._values(name, most) for name in names)):
            yield path.format(**dict(zip(names, values, strict=True)))

    def _values(self, name: str, most: int) -> list[str]:
        ids = self.known | self.guesses
        ids |= {id_.replace("app-", f"{kind}-") for id_ in ids for kind in AKIN}
        kinds = PREFIXES.get(name)
        if kinds is None:
            return sorted(ids - {id_ for id_ in ids if id_[3:4] == "-"})[:most] or ["none"]
        return sorted(id_ for id_ in ids if id_.startswith(kinds)) or ["none"]


def _opened(text: str) -> Iterator[str]:
    """What cursors and other sealed strings hold."""
    for sealed in re.findall(r"[A-Za-z0-9_-]{24,}={0,2}", text):
        try:
            yield base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue


def leaks(said: Iterable[Said], needles: Iterable[str]) -> list[str]:
    """Where any of these strings was read, in whatever case or quoting."""
    wanted = [needle.lower() for needle in needles]
    found = []
    for where, text in said:
        plain = unquote(text).lower()
        found += [
            f"{needle!r} in {where}: {_around(plain, needle)}"
            for needle in wanted
            if needle in plain
        ]
    return found


def _around(text: str, needle: str) -> str:
    at = text.index(needle)
    return text[max(0, at - 80) : at + 80]


def strings(view: Any) -> set[str]:
    """Every string of a view, wherever it stands."""
    if isinstance(view, dict):
        return set().union(*map(strings, view.values()))
    if isinstance(view, list):
        return set().union(*map(strings, view))
    return {view} if isinstance(view, str) else set()


def document(base: str) -> Json:
    found: Json = json.loads(requests.get(f"{base}/openapi.json", timeout=30).text)
    return found
