"""Pure: the documents that task definitions come in, injected and undone.

The input of `aws ecs register-task-definition`, the output of `aws ecs describe-task-definition` (which
becomes the former: what only a description has is dropped), and CloudFormation templates.

Source: Amazon ECS API `RegisterTaskDefinition`, `DescribeTaskDefinition`; CloudFormation
`AWS::ECS::TaskDefinition`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from gossamer.inject import ecs, record, spelling
from gossamer.inject.document import Json, Refused, copied, rows, table
from gossamer.inject.placeholder import refuse_placeholders
from gossamer.inject.settings import Endpoint, Settings
from gossamer.inject.spelling import Spelling

_TYPE: Final = "AWS::ECS::TaskDefinition"

OnTask = Callable[[Json, Spelling], Json]


@dataclass(frozen=True, slots=True)
class Injection:
    """What is asked for; `resource` chooses a task definition of a template that has several."""

    who: Endpoint
    settings: Settings
    resource: str = ""
    is_recorded: bool = True


def injected(document: Json, asked: Injection, warn: ecs.Say) -> Json:
    """A document with the sidecar in its task definition.

    Raises: Refused for a contradiction, a placeholder, or a document that is none of the known.
    """
    if not asked.settings.image:
        raise Refused("name the sidecar's image: --image")
    refuse_placeholders({}, asked.who.identity, asked.settings.region, asked.settings.app_ports)

    def change(task: Json, spell: Spelling) -> Json:
        refuse_placeholders(task)
        original = _undone(task, spell)
        made = ecs.injected(task, asked.who, asked.settings, spell, warn)
        if asked.is_recorded:
            ecs.labelled(made, record.made(original, ecs.bare(made, spell)), spell)
        return made

    return _on_task(document, asked.resource, change)


def undone(document: Json, resource: str = "") -> Json:
    """A document as it was before; a task definition without a record of ours is left alone."""
    return _on_task(document, resource, _undone)


def _undone(task: Json, spell: Spelling) -> Json:
    """A task definition as it was before; without a record, as it is."""
    found = ecs.record(task, spell)
    return task if found is None else record.undone(ecs.bare(task, spell), found)


def _on_task(document: Json, resource: str, change: OnTask) -> Json:
    """Change the task definition of a document."""
    if "Resources" in document:
        return _on_template(document, resource, change)
    task = table(document, "taskDefinition") if "taskDefinition" in document else document
    if "containerDefinitions" not in task:
        raise Refused("this is no task definition: it has no containerDefinitions")
    made = copied(task)
    for name in ecs.unregistrable(task):
        del made[name]
    if tags := rows(document, "tags"):
        made["tags"] = list(tags)
    return change(made, spelling.api)


def _on_template(document: Json, resource: str, change: OnTask) -> Json:
    """Change the one task definition of a CloudFormation template that is meant."""
    found = list(_task_definitions(document))
    if resource and resource not in found:
        raise Refused(
            f"the template has no task definition {resource!r}; it has {', '.join(found) or 'none'}"
        )
    if not resource and len(found) != 1:
        listed = ", ".join(found) or "none"
        raise Refused(f"name the one task definition that is meant, --resource; the template has: {listed}")
    made = copied(document)
    holder = table(table(made, "Resources"), resource or found[0])
    properties = table(holder, "Properties")
    if "ContainerDefinitions" not in properties:
        raise Refused(f"{resource or found[0]} has no ContainerDefinitions")
    holder["Properties"] = change(properties, spelling.cloudformation)
    return made


def _task_definitions(document: Json) -> Iterator[str]:
    """The names of a template's task definitions."""
    resources = table(document, "Resources")
    for name in resources:
        if table(resources, name).get("Type") == _TYPE:
            yield name
