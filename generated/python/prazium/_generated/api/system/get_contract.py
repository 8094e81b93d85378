from typing import Any

from ...._calls import Call
from ...models.get_contract_response_200 import GetContractResponse200


def call() -> Call[GetContractResponse200]:
    """Get the contract.

    The OpenAPI document of this server, for clients, generators and fuzzers.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/openapi.json",
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> GetContractResponse200:
    response_200 = GetContractResponse200.from_dict(body)

    return response_200
