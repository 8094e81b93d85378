from typing import Any

from ...._calls import Call
from ...models.graph_plan_response import GraphPlanResponse
from ...models.new_graph import NewGraph


def call(
    *,
    body: NewGraph,
) -> Call[GraphPlanResponse]:
    """Create a graph.

    Have tasks done, each when those that it depends on have ended as it wants. Tasks are jobs,
    maps over lists, waits (for a time, a signal, an answer) and graphs in the graph. With
    `dryRun` nothing is stored; the answer is the plan.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/graphs",
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> GraphPlanResponse:
    response_200 = GraphPlanResponse.from_dict(body)

    return response_200
