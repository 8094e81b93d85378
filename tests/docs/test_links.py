"""What the documents point to is there."""

import re

import pytest

from tests.docs.markdown import DOCUMENTS, LINK, ROOT, anchors, codes, prose

FOLDERS = {"handlers", "services", "db", "scripts", "spec", "sdk", "generated", "docs", "tests"}
PLAIN_PATH = re.compile(r"[\w.-]+(/[\w.-]+)*/?")
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    path = ROOT / name
    for target in LINK.findall(prose(path.read_text(encoding="utf-8"))):
        if target.startswith(("https://", "http://")):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file) if file else path
        assert found.exists(), target
        assert not anchor or anchor in anchors(found.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_is_named_exists(name: str) -> None:
    text = prose((ROOT / name).read_text(encoding="utf-8"))
    for code in codes(text):
        if PLAIN_PATH.fullmatch(code) and code.partition("/")[0] in FOLDERS and "/" in code:
            assert (ROOT / code).exists(), code
