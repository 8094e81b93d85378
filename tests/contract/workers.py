"""A tenant's worker as plain requests: jobs are created, claimed, and what came of them is said."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import httpx

from services import keys
from tests.conftest import Live
from tests.contract import seed

Json = dict[str, Any]
NUMBERS = itertools.count(1)


@dataclass
class Hand:
    """A worker's hand: one kind in one queue, so that no other test takes its jobs."""

    http: httpx.Client
    kind: str = field(default_factory=lambda: f"test.k{next(NUMBERS)}")
    queue: str = field(default_factory=lambda: f"q{next(NUMBERS)}")

    def register(self, **more: Any) -> httpx.Response:
        """The answer to the registration of the kind; of any object if nothing is said."""
        body = {"description": "A test.", "inputSchema": {"type": "object"}} | more
        return self.http.put(f"/worker/kinds/{self.kind}", json=body)

    def create(self, **more: Any) -> str:
        """The id of a new job."""
        body = {"kind": self.kind, "queue": self.queue} | more
        answer = self.http.post("/orchestrator/jobs", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def ask(self, **more: Any) -> httpx.Response:
        """The answer to a claim."""
        body = {"kinds": [self.kind], "queues": [self.queue]} | more
        return self.http.post("/worker/claim", json=body)

    def claim(self, **more: Any) -> list[Json]:
        """Claimed jobs."""
        answer = self.ask(**more)
        assert answer.status_code == 200, answer.text
        jobs: list[Json] = answer.json()["data"]["jobs"]
        return jobs

    def one(self, **more: Any) -> Json:
        """A new job, claimed."""
        self.create(**more)
        [job] = self.claim(limit=10, waitSeconds=5)
        return job

    def say(self, job: Json, what: str, **more: Any) -> httpx.Response:
        """The answer to what is said about a job that was claimed."""
        body = {"leaseToken": job["leaseToken"]} | more
        return self.http.post(f"/worker/jobs/{job['jobId']}/{what}", json=body)

    def fail(self, job: Json, code: str = "BROKEN", **more: Any) -> httpx.Response:
        """The answer to a failure."""
        return self.say(job, "fail", error={"code": code, "message": "It broke."}, **more)

    def get(self, job_id: str) -> Json:
        """The job as its owner sees it."""
        job: Json = self.http.get(f"/orchestrator/jobs/{job_id}").json()["data"]
        return job

    def events(self, job_id: str) -> list[str]:
        """What happened to a job, in order."""
        found = self.http.get(f"/orchestrator/jobs/{job_id}/events").json()["data"]
        return [event["eventType"] for event in found]

    def lines(self, job_id: str, **query: Any) -> list[Json]:
        """The lines of a job's log."""
        answer = self.http.get(f"/orchestrator/jobs/{job_id}/logs", params=query)
        found: list[Json] = answer.json()["data"]
        return found


def hand(http: httpx.Client) -> Hand:
    """A hand whose kind is registered."""
    made = Hand(http)
    assert made.register().status_code == 200
    return made


def restricted(live: Live, tenant: str, *queues: str) -> httpx.Client:
    """A client whose key may use only these queues."""
    key = seed.in_the_database(
        live, lambda app: keys.create_key(app, tenant, "restricted", queues=list(queues))
    )
    return seed.client(live, key)


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]
