"""One request of the contract and its answer, without the transport between them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

import httpx
from attrs import frozen

from . import errors
from ._failures import APIError, ConnectionFailed, MalformedAnswer, Timeout
from ._generated.types import UNSET, Unset

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@frozen
class Call(Generic[T_co]):
    """A request of the contract, and how its answer is read.

    Attributes:
        request: the keyword arguments of `httpx.Client.request`.
        read: from the decoded body to the model.
    """

    request: dict[str, Any]
    read: Callable[[Any], T_co]

    def answer(self, response: httpx.Response) -> T_co:
        """The model in the response.

        Raises: the APIError that the response holds, MalformedAnswer.
        """
        if not response.is_success:
            raise api_error(response)
        with reading():
            return self.read(response.json() if response.content else None)


class Envelope(Protocol[T_co]):
    """A success of the service."""

    @property
    def data(self) -> T_co: ...


def given(value: T | None) -> T | Unset:
    """The value as an optional field of a request: None is not sent."""
    return UNSET if value is None else value


def api_error(response: httpx.Response) -> APIError:
    """The error in a response; a plain APIError if the code is unknown or there is none."""
    try:
        error = response.json()["error"]
        kind = errors.BY_CODE.get(error["code"], APIError)
        return kind(
            response.status_code,
            error["code"],
            error["message"],
            error.get("details"),
            error.get("requestId"),
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        message = f"The answer was {response.status_code} {response.reason_phrase}."
        return APIError(response.status_code, None, message)


@contextmanager
def reading() -> Iterator[None]:
    """Turn what the readers raise about an answer into MalformedAnswer."""
    try:
        yield
    except KeyError as error:
        raise MalformedAnswer(f"The answer has no {error.args[0]}.") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise MalformedAnswer("The answer does not match the contract.") from error


@contextmanager
def connecting() -> Iterator[None]:
    """Turn the errors of httpx into ours."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise Timeout("The service did not answer in time.") from error
    except httpx.RequestError as error:
        raise ConnectionFailed(f"The connection failed: {error or type(error).__name__}") from error
