"""Every code of a problem document on one page, read from where the code raises it.

A code that is put together while it runs (`application-` and a status) stands there as a family,
with a star for what varies.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from services.gateway.problems import CODES, READING, STATUS

ROOT = Path(__file__).parent.parent
STATUSES = {kind.__name__: status for kind, status in STATUS} | {"NotYet": 503}
# Functions that are given a status and a code.
WITH_STATUS = ("problem", "_refuse")
ABOUT = [
    "A failure is answered as `application/problem+json` (RFC 9457). `code` is stable: act on it,",
    "show `detail` to people, and quote `request_id` when you ask about it. `type` is the code's",
    "place on this page, as the gateway serves it (`/problems`). `errors` names the fields, by a",
    "`pointer` into the body or by `parameter`. 503 and 429 say when to come again,",
    "`Retry-After`; a POST under an `Idempotency-Key` may be sent again as it was. A star stands",
    "for a word that varies, such as a status.",
]
Row = tuple[str, str, str, str]


@dataclass(frozen=True)
class Raised:
    """One place where a code is raised."""

    code: str
    status: int
    service: str
    detail: str


class Module(ast.NodeVisitor):
    """Finds what one file raises; a code may be a name that is set in it."""

    def __init__(self, path: Path) -> None:
        self.found: list[Raised] = []
        parts = path.relative_to(ROOT).parts
        self._service = parts[1] if parts[0] == "services" else "every service"
        self._tree = ast.parse(path.read_text())
        self._scopes: list[ast.AST] = [self._tree]

    def read(self) -> list[Raised]:
        self.visit(self._tree)
        return self.found

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._scopes.append(node)
        self.generic_visit(node)
        self._scopes.pop()

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in STATUSES and node.args:
            self._note(STATUSES[name], node.args[0], node.args[1:2])
        elif name in WITH_STATUS and len(node.args) > 2 and isinstance(node.args[0], ast.Constant):
            self._note(int(str(node.args[0].value)), node.args[1], node.args[2:3])

    def _note(self, status: int, code: ast.expr, detail: Sequence[ast.expr]) -> None:
        said = next((text for one in detail for text in self._texts(one, "…")), "")
        for found in self._texts(code, "*"):
            self.found.append(Raised(found, status, self._service, said))

    def _texts(self, node: ast.expr, gap: str) -> Iterator[str]:
        """What the expression can be, as far as the file tells."""
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=parts):
                each = (str(one.value) if isinstance(one, ast.Constant) else gap for one in parts)
                yield "".join(each)
            case ast.IfExp(body=first, orelse=second):
                yield from self._texts(first, gap)
                yield from self._texts(second, gap)
            case ast.BoolOp(values=several):
                for one in several:
                    yield from self._texts(one, gap)
            case ast.Name(id=name):
                yield from self._named(name, gap)

    def _named(self, name: str, gap: str) -> Iterator[str]:
        """What is assigned to the name here, or given for the parameter that it is."""
        scope = self._scopes[-1]
        for node in (one for around in (scope, self._tree) for one in ast.walk(around)):
            if isinstance(node, ast.Assign) and any(_is(target, name) for target in node.targets):
                yield from self._texts(node.value, gap)
                return
        if isinstance(scope, ast.FunctionDef):
            names = [argument.arg for argument in scope.args.args]
            if name in names:
                yield from self._given(scope.name, names.index(name), gap)

    def _given(self, function: str, place: int, gap: str) -> Iterator[str]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and _is(node.func, function) and len(node.args) > place:
                given = node.args[place]
                if isinstance(given, ast.Constant | ast.JoinedStr):
                    yield from self._texts(given, gap)


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


@cache
def raised() -> list[Raised]:
    """Every place of every service."""
    files = [*(ROOT / "shared").glob("*.py"), *(ROOT / "services").rglob("*.py")]
    found = [one for path in sorted(files) for one in Module(path).read()]
    told = [*CODES.items(), *READING.items()]
    return found + [Raised(code, status, "gateway", "") for status, code in told]


@cache
def rows() -> list[Row]:
    """Code, statuses, who says it, and what it says, by code."""
    found, table = raised(), []
    for code in sorted({one.code for one in found}):
        same = [one for one in found if one.code == code]
        table.append((code, _all(one.status for one in same), _all(one.service for one in same)))
    said = {one.code: one.detail for one in reversed(found) if one.detail}
    return [(code, statuses, who, said.get(code, "")) for code, statuses, who in table]


def _all(several: Iterator[object]) -> str:
    return ", ".join(sorted({str(one) for one in several}))


def markdown() -> str:
    """The page for readers of the documentation."""
    lines = [
        "# Problems",
        "",
        "Generated by `make contracts` from what the code raises.",
        "",
        *ABOUT,
        "",
        "| code | status | from | says |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{code}` | {status} | {who} | {says} |" for code, status, who, says in rows()]
    return "\n".join(lines).replace("`*`", "`\\*`") + "\n"


def html() -> str:
    """The page that the gateway serves: `type` of a problem points into it."""
    body = "\n".join(
        f'<tr id="{escape(code)}"><td><code>{escape(code)}</code></td><td>{status}</td>'
        f"<td>{escape(says)}</td></tr>"
        for code, status, _, says in rows()
    )
    about = escape(" ".join(ABOUT)).replace("`", "")
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Problems</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<style>body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
        "td,th{text-align:left;vertical-align:top;padding:.2em .6em .2em 0}"
        "tr:target{background:#ff9}</style></head>\n"
        f"<body>\n<h1>Problems</h1>\n<p>{about}</p>\n<table>\n"
        "<thead><tr><th>code</th><th>status</th><th>says</th></tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>\n</body>\n</html>\n"
    )
