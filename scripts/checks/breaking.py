"""The contract breaks no client of the last release; docs/baseline/openapi.json is what it was."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from scripts.breaking.contracts import compare_contracts
from scripts.breaking.findings import Finding, breaks, report
from scripts.contract import Json
from scripts.generation import BUNDLE, ROOT

BASELINE = ROOT / "docs/baseline/openapi.json"


def nothing_breaks() -> Iterator[str]:
    """The lines of the report, if there is a break without a reason."""
    findings, lines = compared()
    if breaks(findings):
        yield from lines


def compared(old: Path | None = None, new: Path | None = None) -> tuple[list[Finding], list[str]]:
    """What breaks between two bundles (the baseline, that in generated/), and the report of it."""
    before, after = read(old or BASELINE), read(new or BUNDLE)
    findings = compare_contracts(before, after)
    return findings, report(findings, before, after)


def read(path: Path) -> Json:
    """A bundled contract."""
    contract: Json = json.loads(path.read_text(encoding="utf-8"))
    return contract


def release() -> None:
    """Make the contract in generated/ the baseline."""
    BASELINE.parent.mkdir(exist_ok=True)
    shutil.copyfile(BUNDLE, BASELINE)
