"""Feedback on a spec: the things, fields and relations that a remark adds.

A remark is read like a description. What it names and the application lacks is added; a remark
that names nothing new is kept with an empty effect, and the documents say so.
"""

import msgspec

from services.adapters.agents.scaffold.design import merged, resources_of
from services.adapters.agents.scaffold.model import Application, Relation, Resource
from services.adapters.agents.scaffold.reading import Reading, read
from services.adapters.agents.scaffold.words import identifier, one_line


def take_in(app: Application, feedback: list[str]) -> Application:
    """The application after each remark of the customer, with what the remark changed."""
    for remark in feedback:
        changed, effect = _heard(app, read(remark))
        app = msgspec.structs.replace(
            changed, remarks=(*changed.remarks, (one_line(remark, 500), effect))
        )
    return app


def _heard(app: Application, remark: Reading) -> tuple[Application, str]:
    """The application with the resources, fields and relations that a remark adds."""
    before = {resource.name: resource for resource in app.resources}
    reading = _joined(app, remark)
    after = [
        _extended(before[resource.name], resource) if resource.name in before else resource
        for resource in resources_of(reading)
    ]
    added = [resource.titles for resource in after if resource.name not in before]
    grown = [
        f"{resource.title}: {', '.join(more)}"
        for resource in after
        if resource.name in before and (more := _more(before[resource.name], resource))
    ]
    effects = ([f"added {', '.join(added)}"] if added else []) + grown
    return msgspec.structs.replace(app, resources=tuple(after)), "; ".join(effects)


def _joined(app: Application, remark: Reading) -> Reading:
    """The names of the application and of the remark; a new thing belongs to the main one."""
    known = [resource.name for resource in app.resources]
    new = [noun for noun in remark.nouns if identifier(noun) not in known]
    parents = {noun: list(remark.parents.get(noun, [])) for noun in [*known, *new]}
    for resource in app.resources:
        parents[resource.name] += [relation.target for relation in resource.relations]
    for noun in new:
        parents[noun] = parents[noun] or [app.main]
    return Reading(nouns=[*known, *new], fields=remark.fields, parents=parents)


def _extended(old: Resource, new: Resource) -> Resource:
    """The old resource with the fields and relations that only the new reading has."""
    have = {relation.target for relation in old.relations}
    more = tuple(
        Relation(target=relation.target)
        for relation in new.relations
        if relation.target not in have
    )
    relations = (*old.relations, *more)
    return msgspec.structs.replace(
        old, fields=merged(old.fields, new.fields, relations), relations=relations
    )


def _more(old: Resource, new: Resource) -> list[str]:
    """Titles of the fields and relations that `new` has above `old`."""
    names = {field.name for field in old.fields} | {relation.target for relation in old.relations}
    fields = [field.title.lower() for field in new.fields if field.name not in names]
    return fields + [
        relation.target.replace("_", " ")
        for relation in new.relations
        if relation.target not in names
    ]
