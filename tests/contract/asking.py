"""Ways to ask the running product, also those that no client has: byte by byte, by someone else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.conftest import Live
from tests.contract import raw, seed
from tests.contract.seed import Tenant
from tests.contract.walk import BY_ID, ask

Json = dict[str, Any]
JSON = {"Content-Type": "application/json"}
GOOD = b'{"name": "Never", "description": "A shop."}'


@dataclass(frozen=True)
class World:
    """The running product with two tenants, and ways to ask it."""

    live: Live
    mine: Tenant
    theirs: Tenant

    def call(self, operation: str, **more: Any) -> httpx.Response:
        """The answer of an operation; what is not given is as it should be."""
        ids = self.mine.ids | more.pop("ids", {})
        return ask(more.pop("http", self.mine.http), BY_ID[operation], ids, **more)

    def create(self, content: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
        """The answer to a new project in these bytes."""
        headers = JSON | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("create_project", json=None, content=content, headers=headers)

    def typed(self, *types: str) -> httpx.Response:
        """The answer to a new project with these headers Content-Type."""
        request = self.mine.http.build_request("POST", "/projects", content=GOOD)
        sent = [("Content-Type", media_type) for media_type in types]
        request.headers = httpx.Headers([*request.headers.multi_items(), *sent])
        return self.mine.http.send(request)

    def sent(self, method: str, target: str, *headers: str, body: bytes = b"") -> httpx.Response:
        """The answer to a request that is written byte by byte."""
        head = raw.head(self.live, method, target.encode("latin-1"), *headers)
        answer = raw.exchange(self.live, head, body)
        fields, _, content = answer.partition(b"\r\n\r\n")
        lines = [line.split(b": ", 1) for line in fields.split(b"\r\n")[1:]]
        request = httpx.Request(method, self.live.url)
        return httpx.Response(
            raw.status(answer), headers=[(k, v) for k, v in lines], content=content, request=request
        )

    def anonymous(self, *credentials: str, query: str = "") -> httpx.Response:
        """The answer to a list of projects with these headers Authorization."""
        headers = [("Authorization", value) for value in credentials]
        return httpx.get(f"{self.live.url}/projects{query}", headers=headers)

    def keyed(self, key: str, name: str, tenant: Tenant | None = None) -> httpx.Response:
        """The answer to a new project with an Idempotency-Key."""
        headers = {"Idempotency-Key": key}
        new = {"name": name, "description": "A shop."}
        return (tenant or self.mine).http.post("/projects", json=new, headers=headers)

    def project(self, state: str) -> Json:
        """The id of a new project in a state."""
        return {"projectId": seed.project_in(self.mine, state, f"Promised {uuid4()}")}

    def busy(self) -> Json:
        """The ids of a new project with a live run that no worker takes."""
        ids = self.project("approved")
        return ids | {"runId": seed.waiting_run(self.live, self.mine, ids["projectId"])}

    def with_scopes(self, *scopes: str) -> httpx.Client:
        """A client of the caller's tenant whose key has only these scopes."""
        return seed.client(self.live, seed.make_key(self.live, self.mine.name, list(scopes)))
