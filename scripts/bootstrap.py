"""Makes the virtual environment that a command needs, then becomes that command.

Only the standard library: this runs before anything is installed.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
PYTHON = FOLDER / ("Scripts" if os.name == "nt" else "bin") / "python"
INPUTS = ("pyproject.toml", "constraints.txt", "generated/python/pyproject.toml")


def become(command: str, *, extra: str = "") -> None:
    """Install if needed, then run `prazium <command>` with this process's arguments."""
    if sys.version_info < (3, 11):  # noqa: UP036 - a newcomer may have an older one
        sys.exit(f"Prazium needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    install(extra)
    arguments = [str(PYTHON), "-m", "scripts.cli", command, *sys.argv[1:]]
    os.environ["PYTHONPATH"] = str(ROOT)
    os.execv(PYTHON, arguments)


def install(extra: str) -> None:
    """Make the environment, unless it was made from these very inputs."""
    wanted = fingerprint()
    stamps = [FOLDER / f".installed{suffix}" for suffix in ({"", f"-{extra}"} if extra else {""})]
    if all(stamp.exists() and stamp.read_text() == wanted for stamp in stamps):
        return
    print("Installing into .venv (the first time only) …", file=sys.stderr, flush=True)
    if not PYTHON.exists():
        venv.create(FOLDER, with_pip=True)
    project = f".[{extra}]" if extra else "."
    pip("install", "-c", "constraints.txt", "-e", project, "-e", "generated/python")
    for stamp in stamps:
        stamp.write_text(wanted)


def pip(*arguments: str) -> None:
    """Run pip in the environment; on failure its output is the message."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
    command = [str(PYTHON), "-m", "pip", *arguments, *quiet]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(f"The installation failed:\n{done.stdout.decode(errors='replace')}")


def fingerprint() -> str:
    """What the environment is made from."""
    digest = hashlib.sha256(f"{sys.version} {ROOT}".encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()
