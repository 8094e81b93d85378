"""The kinds of runs that the engine moves, and which of their tasks our own workers do."""

from collections.abc import Mapping
from dataclasses import replace

from services import builds, exports, graph_kind, job_kinds, job_runs, results
from services.engine.kind import Kind
from services.job_kinds.functions import functions
from services.settings import Settings

KINDS: Mapping[str, Kind] = {
    "build": builds.KIND,
    "export": exports.KIND,
    "graph": graph_kind.KIND,
    "job": replace(job_kinds.KIND, start=job_runs.start, whole=results.whole),
}


def of_installation(settings: Settings) -> Mapping[str, Kind]:
    """The kinds with the functions that the operator adds."""
    added = functions(settings)
    if not added:
        return KINDS
    return {**KINDS, "job": replace(KINDS["job"], functions={**KINDS["job"].functions, **added})}
