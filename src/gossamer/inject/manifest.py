"""Pure: the documents that pods come in, injected and undone.

Source: Kubernetes API: kinds that hold a pod's template, and `List`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.inject import annotation, pod, record
from gossamer.inject.document import Json, Refused, copied, rows, table, text
from gossamer.inject.placeholder import refuse_placeholders
from gossamer.inject.settings import Endpoint, Settings, endpoint

#: Where each kind keeps the template of its pods. A document without a kind that looks like a pod is one.
_TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "": (),
    "Pod": (),
    "PodTemplate": ("template",),
    "Deployment": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
_ENDS: Final = frozenset({"Job", "CronJob"})

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Injection:
    """What is asked for.

    Absent: `who` of None lets each pod name its endpoint by annotations; an empty `only` means all.
    """

    who: Endpoint | None
    settings: Settings
    mesh: str = ""
    only: tuple[str, ...] = ()
    is_recorded: bool = True


def owners(document: Json) -> Iterator[str]:
    """Every owner of pods in a document, as KIND/NAME."""
    for each in _objects(document):
        if _template(each) is not None:
            yield _named(each)


def injected(document: Json, asked: Injection, warn: Say) -> Json:
    """A document with sidecars in the pods that are meant.

    Raises: Refused for a contradiction, a placeholder, or an annotation that cannot be read.
    """
    if not asked.settings.image:
        raise Refused("name the sidecar's image: --image")
    who = asked.who
    refuse_placeholders({}, who.identity if who else "", asked.settings.region, asked.settings.app_ports)

    def change(each: Json) -> None:
        template = _template(each)
        if template is None or (asked.only and _named(each) not in asked.only):
            return
        refuse_placeholders(template)
        meant = _endpoint(template, asked, _named(each))
        if meant is None:
            return
        if text(each, "kind") in _ENDS and not asked.settings.native_sidecar:
            warn(f"{_named(each)} will not end while its sidecar runs: --native-sidecar")
        if meant.is_gateway and not pod.has_gateway_container(template):
            raise Refused(f"{_named(each)}: a virtual gateway's pod needs a container named envoy")
        original = _undone(template)
        made = pod.injected(template, meant, asked.settings)
        if asked.is_recorded:
            pod.labelled(made, record.made(original, pod.bare(made)))
        _replace(each, made)

    return _changed(document, change)


def undone(document: Json) -> Json:
    """A document as it was before; pods without a record of ours are left alone."""

    def change(each: Json) -> None:
        template = _template(each)
        if template is not None:
            _replace(each, _undone(template))

    return _changed(document, change)


def _undone(template: Json) -> Json:
    """A pod as it was before; without a record, as it is."""
    found = pod.record(template)
    return template if found is None else record.undone(pod.bare(template), found)


def _endpoint(template: Json, asked: Injection, owner: str) -> Endpoint | None:
    """Whose sidecar a pod gets: its own annotations' first. None for a pod that wants none."""
    wished = pod.wishes_of(template)
    if wished.is_enabled(annotation.MODE) is False:
        return None
    node, gateway = (
        wished.given.get(annotation.VIRTUAL_NODE, ""),
        wished.given.get(annotation.VIRTUAL_GATEWAY, ""),
    )
    if node or gateway:
        return endpoint(wished.given.get(annotation.MESH) or asked.mesh, node, gateway)
    if asked.who is None and wished.is_enabled(annotation.MODE):
        raise Refused(
            f"{owner}: name its virtual node: --virtual-node, or the annotation appmesh.k8s.aws/virtualNode"
        )
    return asked.who


def _changed(document: Json, change: Callable[[Json], None]) -> Json:
    """A copy of a document, each of its objects changed."""
    made = copied(document)
    for each in _objects(made):
        change(each)
    return made


def _objects(document: Json) -> Iterator[Json]:
    """The objects of a document: those of a list, else itself."""
    if text(document, "kind").endswith("List") and "items" in document:
        yield from rows(document, "items")
    else:
        yield document


def _template(each: Json) -> Json | None:
    """The pod of an object; None for an object that has none."""
    path = _TEMPLATES.get(text(each, "kind"))
    if path is None:
        return None
    found = each
    for name in path:
        found = table(found, name)
    return found if "containers" in table(found, "spec") else None


def _replace(each: Json, template: Json) -> None:
    """Put a pod in place of an object's; a document that is the pod itself keeps its identity."""
    path = _TEMPLATES[text(each, "kind")]
    if path:
        holder = each
        for name in path[:-1]:
            holder = table(holder, name)
        holder[path[-1]] = template
        return
    if template is each:
        return
    for name in [name for name in each if name not in template]:
        del each[name]
    if "metadata" in template and "metadata" not in each:
        pod.labelled(each, "")
    each.update(template)


def _named(each: Json) -> str:
    """An object as KIND/NAME."""
    return f"{text(each, 'kind') or 'Pod'}/{text(table(each, 'metadata'), 'name')}"
