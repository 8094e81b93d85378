"""The settings; this module alone reads the environment."""

import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

PREFIX = "PRAZIUM_"
OF_CLIENTS = {"api_key", "base_url"}
HOST = r"(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])"
ORIGIN = re.compile(
    rf"(?:http://{HOST}(?!:80$)|https://{HOST}(?!:443$))(?::[1-9][0-9]{{0,4}})?", re.ASCII
)
BUILT_IN_KINDS = ("http", "agent", "command")
FUNCTION = re.compile(r"[a-z][a-z0-9_.-]{0,99}=[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)
FUNCTION_SHOWN = "thumbnail.make=shop.images:thumbnail"
WEB_PORTS = (80, 443)
NETWORK = re.compile(
    r"(?:(?P<v4>[0-9./]+)|\[(?P<v6>[0-9a-f:/]+)\])(?::(?P<port>[1-9][0-9]{0,4}|\*))?", re.ASCII
)


class Origins:
    """Exact origins, as browsers send them; `*` alone is every origin.

    Raises: ValueError for what is no origin. Source: RFC 6454, section 6.2.
    """

    def __init__(self, text: str = "") -> None:
        self.all = tuple(entry.strip() for entry in text.split(",")) if text else ()
        for entry in self.all if self.all != ("*",) else ():
            if not ORIGIN.fullmatch(entry):
                raise ValueError(f"`{entry}` is no origin such as https://app.example.com")

    def __str__(self) -> str:
        return ",".join(self.all)


class Networks:
    """Networks with the ports that may be reached there, separated by commas.

    `10.0.0.0/8` is ports 80 and 443, `10.1.2.3:8080` or `[fd00::/8]:8080` one port, `:*` all.
    Raises: ValueError for what is no network.
    """

    def __init__(self, text: str = "") -> None:
        self._text = text
        self._all = [network_and_ports(entry.strip()) for entry in text.split(",") if entry.strip()]

    def __contains__(self, place: tuple[IPv4Address | IPv6Address, int]) -> bool:
        address, port = place
        return any(port in ports and address in network for network, ports in self._all)

    def __bool__(self) -> bool:
        return bool(self._all)

    def __str__(self) -> str:
        return self._text

    def has_port(self, port: int) -> bool:
        """Whether a port may be reached in one of the networks."""
        return any(port in ports for _, ports in self._all)


def network_and_ports(entry: str) -> tuple[IPv4Network | IPv6Network, range | tuple[int, ...]]:
    """`10.1.2.3:8080` → (10.1.2.3/32, (8080,)). Raises: ValueError."""
    found = NETWORK.fullmatch(entry)
    if found is None:
        raise ValueError(f"`{entry}` is no network such as 10.0.0.0/8 or [fd00::/8]:8080")
    network = ip_network(found["v4"] or found["v6"])
    match found["port"]:
        case None:
            return network, WEB_PORTS
        case "*":
            return network, range(1, 65536)
    return network, (int(found["port"]),)


class Functions:
    """Kinds of jobs and their functions, separated by commas.

    `thumbnail.make=shop.images:thumbnail` is the function `thumbnail` of the module `shop.images`.
    Raises: ValueError for what is none, for a kind that stands twice or is built in.
    """

    def __init__(self, text: str = "") -> None:
        self._text = text
        self.paths: dict[str, str] = {}
        for entry in filter(None, map(str.strip, text.split(","))):
            if not FUNCTION.fullmatch(entry):
                raise ValueError(f"`{entry}` is no kind with a function, such as {FUNCTION_SHOWN}")
            kind, _, path = entry.partition("=")
            if kind in self.paths or kind in BUILT_IN_KINDS:
                raise ValueError(f"the kind {kind} is there already")
            self.paths[kind] = path

    def __str__(self) -> str:
        return self._text


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its default; PRAZIUM_DATABASE_URL gives `database_url`, and so on."""

    database_url: str = ""
    """PostgreSQL 15 or newer; empty starts the embedded one in the data folder."""
    data_dir: Path = Path(".data")
    """Where repositories, worktrees, archives and the embedded database are."""
    secret: str = ""
    """What signs cursors, the same on all hosts; empty makes one in the data folder."""
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 3001
    api_processes: Annotated[int, Meta(ge=1, le=64)] = 1
    """How many processes serve the API."""
    pool_size: Annotated[int, Meta(ge=1, le=100)] = 8
    pool_wait: Annotated[float, Meta(gt=0, le=60)] = 0.7
    """Seconds that a request waits for a database connection before it is refused."""
    max_requests: Annotated[int, Meta(ge=1, le=10000)] = 128
    """Requests that one API process answers at once; more are refused."""
    max_streams: Annotated[int, Meta(ge=1, le=100000)] = 500
    """Streams and downloads that one API process has open at once; more are refused."""
    max_streams_per_key: Annotated[int, Meta(ge=1, le=100000)] = 200
    drain_notice: Annotated[float, Meta(ge=0, le=5)] = 1.0
    """Seconds for which a process that ends still accepts, so that balancers can look away."""
    cache_mb: Annotated[int, Meta(ge=0, le=65536)] = 64
    """Memory of each API process for answers of reads, in MiB; 0 keeps none."""
    redis_url: str = ""
    """Redis or Valkey, a second level of kept answers for all hosts; empty has none."""
    agent: Literal["scaffold", "openai", "command"] = "scaffold"
    """Who asks, specifies and builds when a run does not say."""
    openai_base_url: str = "https://api.openai.com/v1"
    openai_api_key: str = ""
    openai_model: str = "gpt-4o"
    agent_timeout: Annotated[float, Meta(gt=0, le=86400)] = 300.0
    """Seconds for one answer of the model, or one task of the program."""
    agent_command: str = ""
    """The coding agent's command line, for agent=command."""
    agent_env: str = ""
    """Names of environment variables that the program gets, separated by commas."""
    agent_folders: str = ""
    """Folders outside /usr that the program needs to read, separated by colons."""
    sandbox: Literal["auto", "required", "off"] = "auto"
    verify_timeout: Annotated[int, Meta(ge=1, le=3600)] = 120
    """Seconds for each check of the built application."""
    egress_allow: Networks = Networks()
    """Networks inside that jobs may call, beside all that is public."""
    job_commands: str = ""
    """Names of the programs that jobs of kind `command` may run, separated by commas."""
    job_functions: Functions = Functions()
    """Python functions of the operator as kinds of jobs, each attempt in a process of its own."""
    worker_concurrency: Annotated[int, Meta(ge=1, le=5000)] = 4
    lease_seconds: Annotated[float, Meta(ge=1, le=3600)] = 15.0
    job_days: Annotated[int, Meta(ge=1, le=36500)] = 30
    """How long jobs that have ended, their events and logs are kept; they go by whole weeks."""
    export_days: Annotated[float, Meta(gt=0, le=3650)] = 7.0
    """How long an export can be downloaded."""
    environment: Literal["production", "development"] = "production"
    """In development, an answer that does not match the contract is a 500."""
    validate_responses: Literal["off", "sample", "on"] = "on"
    """Which answers are held against the contract: none, one in 64, all."""
    cors_origins: Origins = Origins()
    """Origins whose pages may call the API, separated by commas; `*` is every origin."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    """For machines, or for people."""
    otlp_endpoint: str = ""
    """Where spans go (OTLP over HTTP, /v1/traces is added); empty sends none."""
    metrics_port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """Port of /metrics on the same host; 0 is off."""


class SettingsInvalid(Exception):
    """A setting has a value that it cannot have; the message names it."""


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises: SettingsInvalid, also for a PRAZIUM_ variable that is no setting.
    """
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
    known = {field.name for field in msgspec.structs.fields(Settings)}
    if unknown := sorted(given.keys() - known - OF_CLIENTS):
        raise SettingsInvalid(f"There is no setting {PREFIX}{unknown[0].upper()}.")
    try:
        settings = msgspec.convert(given, Settings, strict=False, dec_hook=from_text)
    except msgspec.ValidationError as error:
        reason, _, name = str(error).partition(" - at `$.")
        raise SettingsInvalid(f"{PREFIX}{name.rstrip('`').upper()}: {reason}.") from None
    return msgspec.structs.replace(settings, data_dir=settings.data_dir.resolve())


def from_text(kind: type, value: object) -> object:
    """Read what is more than a word: a folder, origins."""
    return kind(value)
