"""What a comparison finds, whom each kind of change breaks, and the report."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from scripts.breaking.nodes import Node, at
from scripts.contract import METHODS, Json

OVERRIDE = "x-breaking-ok"
NAMED = 4
LETTER = re.compile(r"[^\W\d_]")

# What happens to whoever relies on the old contract.
HARM = {
    "path-removed": "calls of it are answered 404",
    "calls-taken": "they reach another operation",
    "method-removed": "calls of it are answered 405",
    "operation-id-changed": "the function has another name in generated clients",
    "tag-changed": "the function is in another module of generated clients",
    "server-path-changed": "the URLs of all clients are answered 404",
    "security-added": "callers with the old credentials are answered 401",
    "security-scheme-changed": "credentials are not found where callers send them",
    "scope-changed": "keys without the new scope are answered 403",
    "sunset-earlier": "clients that have until the old date to move fail before it",
    "parameter-removed": "what clients send in it is refused or ignored",
    "parameter-moved": "what clients send in the old place is refused or ignored",
    "parameter-required": "requests without it are answered 400",
    "argument-removed": "the function of generated clients no longer has it",
    "parameter-style-changed": "the values that clients write are read in another way",
    "body-removed": "what clients send in it has no effect",
    "body-required": "requests without a body are answered 400",
    "body-smaller": "requests with larger bodies are answered 413",
    "request-media-type-removed": "requests of this type are answered 415",
    "request-property-removed": "requests that send it are answered 400",
    "request-property-required": "requests without it are answered 400",
    "request-closed": "requests with further properties are answered 400",
    "request-alternative-removed": "requests of this form are answered 400",
    "enum-narrowed": "requests with the old values are answered 400",
    "not-nullable": "requests with null are answered 400",
    "limit-narrowed": "requests that were valid are answered 400",
    "pattern-changed": "requests that were valid may be answered 400",
    "default-changed": "requests that leave it out have another effect",
    "status-removed": "what clients do on this status is never done",
    "status-added": "clients take a success that they do not know for a failure",
    "response-media-type-removed": "clients cannot read what comes instead",
    "header-removed": "clients that read it find nothing",
    "header-optional": "clients that read it may find nothing",
    "response-property-removed": "clients that read it find nothing",
    "response-property-optional": "clients that read it may find nothing",
    "response-closed": "clients that read further properties find nothing",
    "response-alternative-added": "clients get a form that they cannot read",
    "response-nullable": "clients that do not expect null fail",
    "enum-widened": "clients get values that they do not know",
    "error-code-removed": "what clients do on this code is never done",
    "type-changed": "clients write or read a value of the wrong type",
    "format-changed": "clients write or read a value of the wrong format",
    "constraint-changed": "values that were valid may not be",
    "schema-removed": "clients that send or read it lose its type",
}


class Finding(NamedTuple):
    """One break: where (in the old contract if it is gone), what, for which operations.

    `reason` is why it is accepted; then it is a note.
    """

    kind: str
    pointer: str
    change: str
    operations: tuple[str, ...] = ()
    reason: str | None = None

    def line(self) -> str:
        """Place, change and harm in one line."""
        text = f"{self.pointer}: {self.change}; {HARM[self.kind]} [{self.kind}]"
        return f"accepted: {text}: {self.reason}" if self.reason else text


def reason_of(old: Any, new: Any) -> str | None:
    """Why a break here is accepted. A reason that the old contract has already is spent."""
    before, after = (
        words(side.get(OVERRIDE)) if isinstance(side, dict) else "" for side in (old, new)
    )
    return after if after != before and LETTER.search(after) else None


def words(value: Any) -> str:
    """A text with single spaces; what is no text has no words."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def excused(findings: Iterable[Finding], *reasons: str | None) -> Iterator[Finding]:
    """The findings, with the first reason for those that have none yet."""
    reason = next(filter(None, reasons), None)
    for finding in findings:
        yield finding if finding.reason else finding._replace(reason=reason)


def named(findings: Iterable[Finding], node: Node, name: str) -> Iterator[Finding]:
    """The findings, with a name before those that stand below a node."""
    for finding in findings:
        below = finding.pointer.startswith(f"{node.pointer}/")
        yield finding._replace(change=f"{name}: {finding.change}") if below else finding


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each place and kind, with all operations.

    It is accepted only if it is accepted for each of them.
    """
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.kind, finding.pointer), []).append(finding)
    return [
        same[0]._replace(
            operations=tuple(dict.fromkeys(name for one in same for name in one.operations)),
            reason=same[0].reason if all(one.reason for one in same) else None,
        )
        for same in groups.values()
    ]


def breaks(findings: Iterable[Finding]) -> list[Finding]:
    """Those that nothing excuses."""
    return [finding for finding in findings if not finding.reason]


def report(findings: list[Finding], old: Json, new: Json) -> list[str]:
    """The lines of the report: under each operation or schema its findings."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(subject(finding, old, new), []).append(finding)
    lines = [
        line
        for heading, group in groups.items()
        for line in (heading, *(f"  {finding.line()}" for finding in group))
    ]
    count = len(breaks(findings))
    return [*lines, f"Breaking changes: {count}; accepted with a reason: {len(findings) - count}."]


def subject(finding: Finding, old: Json, new: Json) -> str:
    """The heading: the operation, or the shared part with the operations that use it."""
    parts = finding.pointer.split("/")[1:]
    if parts[0] == "components":
        return f"{'/'.join(parts[1:3])}{users(finding.operations)}"
    if parts[0] != "paths":
        return parts[0]
    path = parts[1].replace("~1", "/").replace("~0", "~")
    method = parts[2] if parts[2:] and parts[2] in METHODS else None
    if method is None:
        return path
    known = new if method in new["paths"].get(path, {}) else old
    name = at(known, f"#/paths/{parts[1]}/{method}").value.get("operationId")
    return f"{method.upper()} {path} ({name})"


def users(operations: tuple[str, ...]) -> str:
    """The first operations, and how many more there are."""
    rest = len(operations) - NAMED
    more = [f"{rest} more"] if rest > 0 else []
    return f" ({', '.join([*operations[:NAMED], *more])})" if operations else ""
