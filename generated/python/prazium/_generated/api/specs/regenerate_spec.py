from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.regenerate_spec import RegenerateSpec
from ...models.spec_state_response import SpecStateResponse
from ...types import UNSET, Unset


def call(
    project_id: str,
    *,
    body: RegenerateSpec | Unset = UNSET,
) -> Call[SpecStateResponse]:
    """Regenerate the spec.

    Write a new version from the present description, the answers and the feedback so far. It
    has to be approved again. Not possible before there is a spec, nor while a run is live.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{project_id}/regenerate".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> SpecStateResponse:
    response_200 = SpecStateResponse.from_dict(body)

    return response_200
