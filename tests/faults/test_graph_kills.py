"""P18: a worker killed at any commit of a graph changes nothing of what comes of it."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from services.context import Context
from tests.conftest import Form

EFFECTS = "CREATE TABLE effect (what text); GRANT SELECT, INSERT ON effect TO prazium_app;"
STEPS = {"a", "b", "c", "map-0", "map-1", "map-2", "any", "join", "always", "end"}


@pytest.mark.long
def test_a_graph_ends_alike_wherever_its_worker_is_killed(
    ctx: Context, database: str, tmp_path: Path, form: Form
) -> None:
    owner = psycopg.connect(database, autocommit=True)
    owner.execute(EFFECTS.encode())
    command = [sys.executable, "-m", "tests.faults.graph_kills", database, str(tmp_path)]
    output = ""
    for _ in range(form.pick(1, 10)):
        given = [*command, ctx.actor.tenant_id, form.pick("4", "1")]
        ended = subprocess.run(given, capture_output=True, text=True, timeout=1200, check=True)
        output += ended.stdout
    trials = [json.loads(line) for line in output.splitlines() if line[:2] == '{"']
    assert sum(trial["killed"] for trial in trials) >= 5
    ends = Counter(what for (what,) in owner.execute(b"SELECT what FROM effect").fetchall())
    assert set(ends.values()) == {1}
    for trial in trials:
        graph = trial["graph"]
        found = owner.execute(
            b"SELECT slug, status FROM task WHERE run_id = %s", [graph]
        ).fetchall()
        assert {status for _, status in found} == {"succeeded"}, (trial, found)
        assert {what for what in ends if what.startswith(graph)} == {f"{graph}/{s}" for s in STEPS}
        [(seqs, last)] = owner.execute(
            b"SELECT count(*), max(seq) FROM event WHERE run_id = %s", [graph]
        ).fetchall()
        assert seqs == last
    assert owner.execute(b"SELECT 1 FROM ready").fetchall() == []
    owner.close()
