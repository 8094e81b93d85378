"""The kinds of runs that the engine moves."""

from collections.abc import Mapping

from services import builds, exports, job_kinds
from services.engine.kind import Kind

KINDS: Mapping[str, Kind] = {
    "build": builds.KIND,
    "export": exports.KIND,
    "job": job_kinds.KIND,
}
