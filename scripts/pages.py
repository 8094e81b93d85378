"""generated/reference/: the page that shows the contract in a browser, and all that it loads.

Redoc comes from npm, held to its hash and unchanged but for the one image that it would ask another
host for; what is ours is in sdk/reference/.
"""

import base64
import hashlib
import json
import shutil
import tarfile
from pathlib import Path
from string import Template

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scripts import reference
from scripts.contract import Json, operations

PACKAGE = "redoc@2.5.4"
SHA512 = "M6jWhG1qoBnH6TFmzJnstyCZ87HmOY/UzDm78mHiYihEdlV/YcS9ogOo1NlElnJMeLsyxHFe2yFc4sNjHTrABQ=="
BUNDLE = "redoc.standalone.js"
LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
NOTHING = b"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
OURS = ("start.js", "style.css", "icon.svg")


class PackageChanged(Exception):
    """A package from npm is not the one that was chosen; the message names it."""


def write_page(contract: Json, package: Path, source: Path, target: Path) -> None:
    """Make the folder anew from the contract, the archive of Redoc and what is ours.

    Raises: PackageChanged.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    extract(package, target)
    for name in OURS:
        shutil.copyfile(source / name, target / name)
    lines = json.dumps(samples(contract), indent=1, ensure_ascii=False)
    (target / "samples.json").write_text(lines + "\n", encoding="utf-8")
    (target / "index.html").write_text(page(contract, source, target), encoding="utf-8")


def extract(package: Path, target: Path) -> None:
    """Take the bundle and its licences out of an archive of npm.

    Raises: PackageChanged.
    """
    if base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode() != SHA512:
        raise PackageChanged(f"{PACKAGE} has another hash than the one in scripts/pages.py.")
    with tarfile.open(package) as archive:
        bundle, license_, parts = (
            content(archive, f"package/{name}")
            for name in (f"bundles/{BUNDLE}", "LICENSE", f"bundles/{BUNDLE}.LICENSE.txt")
        )
    if LOGO not in bundle:
        raise PackageChanged(f"{PACKAGE} does not ask for {LOGO.decode()} any more.")
    (target / BUNDLE).write_bytes(bundle.replace(LOGO, NOTHING))
    (target / f"{BUNDLE}.LICENSE.txt").write_bytes(license_ + b"\n" + parts)


def content(archive: tarfile.TarFile, name: str) -> bytes:
    """A file of an archive."""
    member = archive.extractfile(name)
    assert member is not None
    return member.read()


def samples(contract: Json) -> dict[str, str]:
    """The curl line of each operation by its id, with the examples of the ids in its path."""
    values = reference.id_examples(contract)
    ids = {reference.variable(name): value for name, value in values.items()}
    return {
        operation["operationId"]: Template(
            reference.curl(contract, path, method, operation)
        ).safe_substitute(ids)
        for path, method, operation in operations(contract)
    }


def page(contract: Json, source: Path, target: Path) -> str:
    """The page; what it loads carries its version, so that a browser can keep it."""
    environment = Environment(
        loader=FileSystemLoader(source), undefined=StrictUndefined, autoescape=True
    )
    environment.filters["versioned"] = lambda url: f"{url}?v={version(target / Path(url).name)}"
    info = contract["info"]
    return environment.get_template("index.html.jinja").render(
        title=info["title"],
        version=info["version"],
        description=info["description"].partition("\n")[0],
    )


def version(path: Path) -> str:
    """A file's version, as services/system.py computes it too."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
