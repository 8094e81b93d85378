from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.task_condition import TaskCondition, check_task_condition
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.graph_map import GraphMap
    from ..models.graph_wait import GraphWait
    from ..models.new_graph_task_graph import NewGraphTaskGraph
    from ..models.new_graph_task_input import NewGraphTaskInput
    from ..models.retry_policy import RetryPolicy

T = TypeVar("T", bound="NewGraphTask")


@_attrs_define
class NewGraphTask:
    """A task: a job (`kind`), a wait (`wait`) or a graph in the graph (`graph`), exactly one of
    them.

    Attributes:
        slug (str): A task's name in its graph. Example: resize.
        kind (str | Unset): What is to be done: `http`, `agent`, `command`, or a kind that a
            worker registered. Example: thumbnail.make.
        input_ (NewGraphTaskInput | Unset): What the kind takes. `{"$from": "slug", "pointer":
            "/x"}` anywhere in it stands for a part of the result of a task that ended before,
            `{"$item": "/x"}` for a part of a map's item; text is text. Example: {'url': {'$item':
            ''}}.
        depends_on (list[str] | Unset): The tasks that have to end before. Example: ['list'].
        when (TaskCondition | Unset): When a task runs: all that it depends on have succeeded,
            one of them has, or all have ended, however. Example: all_succeeded.
        map_ (GraphMap | Unset): The task is done once for each item of a list; its result is
            the list of theirs, in order.
        wait (GraphWait | Unset): A task that no worker does; it ends with a time, a signal or
            an answer.
        graph (NewGraphTaskGraph | Unset): A graph, in the form of this request. Example:
            {'tasks': [{'slug': 'ask', 'wait': {'for': 'answer'}}]}.
        retry (RetryPolicy | Unset): How often and when a failed attempt is followed by another.
        timeout_seconds (int | Unset): The longest that one attempt may take. Example: 300.
        queue (str | Unset): A queue of the tenant. Example: default.
        priority (int | Unset): Which of the waiting jobs of a tenant goes first; 9 before 0.
            Example: 5.
    """

    slug: str
    kind: str | Unset = UNSET
    input_: NewGraphTaskInput | Unset = UNSET
    depends_on: list[str] | Unset = UNSET
    when: TaskCondition | Unset = UNSET
    map_: GraphMap | Unset = UNSET
    wait: GraphWait | Unset = UNSET
    graph: NewGraphTaskGraph | Unset = UNSET
    retry: RetryPolicy | Unset = UNSET
    timeout_seconds: int | Unset = UNSET
    queue: str | Unset = UNSET
    priority: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        slug = self.slug
        kind = self.kind
        input_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.input_, Unset):
            input_ = self.input_.to_dict()
        depends_on: list[str] | Unset = UNSET
        if not isinstance(self.depends_on, Unset):
            depends_on = self.depends_on

        when: str | Unset = UNSET
        if not isinstance(self.when, Unset):
            when = self.when

        map_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.map_, Unset):
            map_ = self.map_.to_dict()
        wait: dict[str, Any] | Unset = UNSET
        if not isinstance(self.wait, Unset):
            wait = self.wait.to_dict()
        graph: dict[str, Any] | Unset = UNSET
        if not isinstance(self.graph, Unset):
            graph = self.graph.to_dict()
        retry: dict[str, Any] | Unset = UNSET
        if not isinstance(self.retry, Unset):
            retry = self.retry.to_dict()
        timeout_seconds = self.timeout_seconds
        queue = self.queue
        priority = self.priority
        field_dict: dict[str, Any] = {
            "slug": slug,
        }
        if kind is not UNSET:
            field_dict["kind"] = kind
        if input_ is not UNSET:
            field_dict["input"] = input_
        if depends_on is not UNSET:
            field_dict["dependsOn"] = depends_on
        if when is not UNSET:
            field_dict["when"] = when
        if map_ is not UNSET:
            field_dict["map"] = map_
        if wait is not UNSET:
            field_dict["wait"] = wait
        if graph is not UNSET:
            field_dict["graph"] = graph
        if retry is not UNSET:
            field_dict["retry"] = retry
        if timeout_seconds is not UNSET:
            field_dict["timeoutSeconds"] = timeout_seconds
        if queue is not UNSET:
            field_dict["queue"] = queue
        if priority is not UNSET:
            field_dict["priority"] = priority
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.graph_map import GraphMap
        from ..models.graph_wait import GraphWait
        from ..models.new_graph_task_graph import NewGraphTaskGraph
        from ..models.new_graph_task_input import NewGraphTaskInput
        from ..models.retry_policy import RetryPolicy

        _fields = dict(src_dict)
        slug = _fields.pop("slug")
        kind = _fields.pop("kind", UNSET)
        _input_ = _fields.pop("input", UNSET)
        input_: NewGraphTaskInput | Unset
        if isinstance(_input_, Unset):
            input_ = UNSET
        else:
            input_ = NewGraphTaskInput.from_dict(_input_)

        depends_on = cast(list[str], _fields.pop("dependsOn", UNSET))

        _when = _fields.pop("when", UNSET)
        when: TaskCondition | Unset
        if isinstance(_when, Unset):
            when = UNSET
        else:
            when = check_task_condition(_when)

        _map_ = _fields.pop("map", UNSET)
        map_: GraphMap | Unset
        if isinstance(_map_, Unset):
            map_ = UNSET
        else:
            map_ = GraphMap.from_dict(_map_)

        _wait = _fields.pop("wait", UNSET)
        wait: GraphWait | Unset
        if isinstance(_wait, Unset):
            wait = UNSET
        else:
            wait = GraphWait.from_dict(_wait)

        _graph = _fields.pop("graph", UNSET)
        graph: NewGraphTaskGraph | Unset
        if isinstance(_graph, Unset):
            graph = UNSET
        else:
            graph = NewGraphTaskGraph.from_dict(_graph)

        _retry = _fields.pop("retry", UNSET)
        retry: RetryPolicy | Unset
        if isinstance(_retry, Unset):
            retry = UNSET
        else:
            retry = RetryPolicy.from_dict(_retry)

        timeout_seconds = _fields.pop("timeoutSeconds", UNSET)
        queue = _fields.pop("queue", UNSET)
        priority = _fields.pop("priority", UNSET)
        _model = cls(
            slug=slug,
            kind=kind,
            input_=input_,
            depends_on=depends_on,
            when=when,
            map_=map_,
            wait=wait,
            graph=graph,
            retry=retry,
            timeout_seconds=timeout_seconds,
            queue=queue,
            priority=priority,
        )
        return _model
