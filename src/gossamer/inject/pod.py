"""Pure: a pod (or the template of one), and the same with a sidecar in it.

Source: Getting Started with AWS App Mesh, step 6; App Mesh's Kubernetes controller 1.13: what it changes in a
pod, and in which order.
"""

import dataclasses
from collections.abc import Sequence
from typing import Final

from gossamer.contract import EGRESS_PORT, INGRESS_PORT, PROXY_UID
from gossamer.inject import annotation, container
from gossamer.inject.annotation import PREFIX, Wishes, wishes
from gossamer.inject.document import (
    Json,
    Refused,
    copied,
    drop,
    insert_before,
    named,
    own_rows,
    own_table,
    put,
    rows,
    table,
    text,
)
from gossamer.inject.environment import environment, refuse_another
from gossamer.inject.settings import ENVOY, INSTANCE_METADATA, XRAY, Endpoint, Settings

RECORD: Final = "gossamer/injected"
_GRACE_S: Final = 30
_CNI: Final = (
    annotation.PORTS, annotation.IGNORED_IPS, annotation.IGNORED_PORTS, annotation.EGRESS_PORT,
    annotation.INGRESS_PORT, annotation.IGNORED_UID, annotation.MODE,
)  # fmt: skip


def wishes_of(template: Json) -> Wishes:
    """What a pod's metadata says."""
    metadata = table(template, "metadata")
    return wishes(table(metadata, "annotations"), table(metadata, "labels"))


def injected(template: Json, who: Endpoint, settings: Settings, listeners: Sequence[int] = ()) -> Json:
    """A pod with the sidecar of an endpoint; `listeners` are its ports, where they are known.

    Raises: Refused for a contradiction, and for an annotation that cannot be read.
    """
    made = copied(template)
    wished = wishes_of(made)
    own = wished.over(settings)
    spec = own_table(made, "spec")
    _refuse(spec, who)
    if who.is_gateway:
        _into_gateway(spec, who, own, wished)
    else:
        _intercept(made, own, wished, listeners)
        _add_envoy(spec, who, own, wished)
    if own.tracer == "xray" and named(rows(spec, "containers"), XRAY) is None:
        own_rows(spec, "containers").append(container.xray(wished.xray_config(), own))
    if own.form != "getting-started":
        # A projected token is readable for the sidecar's user only through the pod's group.
        own_table(spec, "securityContext").setdefault("fsGroup", PROXY_UID)
    return made


def _refuse(spec: Json, who: Endpoint) -> None:
    """Stop at what contradicts a sidecar of this endpoint."""
    envoy = _envoy(spec) or {}
    refuse_another(((text(row, "name"), text(row, "value")) for row in rows(envoy, "env")), who)
    if spec.get("hostNetwork") is True and not who.is_gateway:
        raise Refused(
            "hostNetwork is true: interception would take the machine's traffic, not the pod's alone"
        )
    user = table(envoy, "securityContext").get("runAsUser", PROXY_UID)
    if user != PROXY_UID and not who.is_gateway:
        raise Refused(f"container envoy runs as user {user}, but its traffic is told by user {PROXY_UID}")


def _envoy(spec: Json) -> Json | None:
    """The container of the sidecar, in either list."""
    return named((*rows(spec, "containers"), *rows(spec, "initContainers")), ENVOY)


def _intercept(template: Json, settings: Settings, wished: Wishes, listeners: Sequence[int]) -> None:
    """The pod's traffic through the sidecar, by an init container or a CNI plugin that reads annotations."""
    spec = own_table(template, "spec")
    app_ports = settings.app_ports or ",".join(map(str, listeners or _served(spec)))
    if wished.uses_cni:
        values = (
            app_ports, settings.egress_ignored_ips or INSTANCE_METADATA, settings.egress_ignored_ports,
            str(EGRESS_PORT), str(INGRESS_PORT), str(PROXY_UID), "enabled",
        )  # fmt: skip
        own_table(own_table(template, "metadata"), "annotations").update(
            (f"{PREFIX}{name}", value) for name, value in zip(_CNI, values, strict=True)
        )
        return
    if not settings.init_image:
        raise Refused("name the route manager's image: --init-image")
    init = container.proxy_init(app_ports, settings)
    some = own_rows(spec, "initContainers")
    found = named(some, container.PROXY_INIT)
    if found is not None:
        _update(found, init)
    elif settings.native_sidecar:
        some.insert(0, init)
    else:
        some.append(init)


def _served(spec: Json) -> tuple[int, ...]:
    """The TCP ports that the application's containers name."""
    ours = {ENVOY, XRAY}
    found = (
        port.get("containerPort")
        for each in rows(spec, "containers")
        if each.get("name") not in ours
        for port in rows(each, "ports")
        if text(port, "protocol") in {"", "TCP"}
    )
    return tuple(dict.fromkeys(port for port in found if isinstance(port, int)))


def _add_envoy(spec: Json, who: Endpoint, settings: Settings, wished: Wishes) -> None:
    """The sidecar where it belongs; one that is there is brought up to date in what we manage."""
    variables = container.variable_rows(_variables(who, settings, wished), settings)
    made = container.envoy(variables, settings)
    found = _envoy(spec)
    if found is not None:
        _update(found, made)
    elif settings.native_sidecar:
        inits = own_rows(spec, "initContainers")
        after = 1 if named(inits, container.PROXY_INIT) is not None else 0
        inits.insert(after, made)
    elif settings.wait_until_proxy_ready:
        own_rows(spec, "containers").insert(0, made)
    else:
        own_rows(spec, "containers").append(made)
    _mount(spec, _envoy(spec) or made, settings, wished)
    if settings.prestop_delay > _GRACE_S and settings.form != "getting-started":
        _outlive(spec, settings.prestop_delay)


def _variables(who: Endpoint, settings: Settings, wished: Wishes) -> dict[str, str]:
    """All of the sidecar's variables; what we manage wins over what the pod says."""
    managed = environment(who, settings)
    is_preview = wished.is_enabled(annotation.PREVIEW) is True
    return {**wished.variables(), **container.pod_variables(who, settings, is_preview=is_preview), **managed}


def _update(found: Json, made: Json) -> None:
    """Bring a container up to date: its variables one by one, the rest where it says nothing itself."""
    variables = own_rows(found, "env")
    for row in rows(made, "env"):
        put(variables, row)
    if found.get("image") != made["image"]:
        found["image"] = made["image"]
    for name, value in made.items():
        found.setdefault(name, value)


def _outlive(spec: Json, seconds: int) -> None:
    """Give the pod as long to stop as its sidecar waits."""
    granted = spec.get("terminationGracePeriodSeconds", _GRACE_S)
    if not isinstance(granted, int) or granted < seconds:
        spec["terminationGracePeriodSeconds"] = seconds


def _mount(spec: Json, envoy: Json, settings: Settings, wished: Wishes) -> None:
    """What the sidecar sees of the pod's volumes."""
    for name, path in wished.secret_mounts():
        put(own_rows(spec, "volumes"), {"name": name, "secret": {"secretName": name}})
        put(own_rows(envoy, "volumeMounts"), {"name": name, "mountPath": path, "readOnly": True})
    for name, path in wished.volume_mounts():
        put(own_rows(envoy, "volumeMounts"), {"name": name, "mountPath": path, "readOnly": True})
    if settings.sds_socket_path:
        directory = settings.sds_socket_path.rpartition("/")[0] or "/"
        host: Json = {"path": directory, "type": "DirectoryOrCreate"}
        put(own_rows(spec, "volumes"), {"name": container.SDS_VOLUME, "hostPath": host})
        put(own_rows(envoy, "volumeMounts"), {"name": container.SDS_VOLUME, "mountPath": directory})


def _into_gateway(spec: Json, who: Endpoint, settings: Settings, wished: Wishes) -> None:
    """A virtual gateway's pod has its Envoy already: it is told who it is."""
    found = named(rows(spec, "containers"), ENVOY)
    if found is None:
        return
    if wished.is_enabled(annotation.SKIP_IMAGE) is not True and settings.image:
        found["image"] = settings.image
    variables = own_rows(found, "env")
    for row in container.variable_rows(_variables(who, settings, wished), settings):
        put(variables, row)
    if settings.form != "getting-started":
        found.setdefault("readinessProbe", container.readiness_probe(settings))
    _mount(spec, found, dataclasses.replace(settings, prestop_delay=0), wished)


def has_gateway_container(template: Json) -> bool:
    """Whether a pod has the container that a virtual gateway is."""
    return named(rows(table(template, "spec"), "containers"), ENVOY) is not None


def labelled(template: Json, record: str) -> None:
    """Write the record among the annotations, and make metadata where there is none, in its usual place."""
    if "metadata" not in template:
        insert_before(template, "spec", "metadata", {})
    own_table(own_table(template, "metadata"), "annotations")[RECORD] = record


def record(template: Json) -> str | None:
    """The record among the annotations; None where nothing was injected by us."""
    found = table(table(template, "metadata"), "annotations").get(RECORD)
    return None if found is None else str(found)


def bare(template: Json) -> Json:
    """A pod without what every injection adds."""
    made = copied(template)
    spec, metadata = own_table(made, "spec"), table(made, "metadata")
    for list_ in ("containers", "initContainers"):
        for name in (ENVOY, XRAY, container.PROXY_INIT):
            drop(spec, list_, name)
    if table(spec, "securityContext") == {"fsGroup": PROXY_UID}:
        del spec["securityContext"]
    annotations = table(metadata, "annotations")
    annotations.pop(RECORD, None)
    if "annotations" in metadata and not annotations:
        del metadata["annotations"]
    if "metadata" in made and not metadata:
        del made["metadata"]
    return made
