"""Pure: an AdmissionReview, and its answer.

Source: Kubernetes API `admission.k8s.io/v1`: the answer repeats the request's uid; a patch is a JSON Patch in
base64; what is refused carries a status that kubectl shows.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gossamer.inject import pod
from gossamer.inject.candidate import Candidate, Pod, choice
from gossamer.inject.document import Json, Refused, table, text
from gossamer.inject.patch import difference
from gossamer.inject.settings import Settings

VERSION: Final = "admission.k8s.io/v1"
_REFUSED: Final = 403


class NotAReview(Refused):
    """What was sent is no AdmissionReview that could be answered."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the webhook puts into which pods."""

    settings: Settings
    candidates: Sequence[Candidate] = ()
    mesh: str = ""
    is_wanted: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, and what of it is worth a line in the log."""

    answer: Json
    pod: str
    identity: str = ""
    refusal: str = ""


def verdict(review: Json, policy: Policy) -> Verdict:
    """Answer a review.

    Raises: NotAReview.
    """
    request = table(review, "request")
    uid = text(request, "uid")
    if review.get("kind") != "AdmissionReview" or review.get("apiVersion") != VERSION:
        raise NotAReview(f"this is no AdmissionReview of {VERSION}")
    if not uid:
        raise NotAReview("the review has no request.uid to answer")
    made = Pod(table(request, "object"), text(request, "namespace"))
    name = f"{made.namespace}/{made.name}"
    if not _is_new_pod(request):
        return Verdict(_answer(uid, {}), name)
    try:
        chosen = choice(made, policy.candidates, policy.mesh, is_wanted=policy.is_wanted)
        if chosen is None:
            return Verdict(_answer(uid, {}), name)
        after = pod.injected(made.template, chosen.who, policy.settings, chosen.ports)
    except Refused as error:
        status: Json = {"code": _REFUSED, "reason": "Forbidden", "message": str(error)}
        return Verdict(_answer(uid, {"allowed": False, "status": status}), name, refusal=str(error))
    operations = list(difference(made.template, after))
    return Verdict(_answer(uid, _patch(operations)), name, chosen.who.identity)


def _is_new_pod(request: Json) -> bool:
    """Whether a pod is being made; a webhook may be asked about more than it does."""
    resource = table(request, "resource")
    is_pod = (text(resource, "group"), text(resource, "resource")) == ("", "pods")
    return is_pod and request.get("operation") == "CREATE" and not request.get("subResource")


def _patch(operations: Sequence[Json]) -> Json:
    """The patch as an answer carries it; none where nothing changes."""
    if not operations:
        return {}
    encoded = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"patchType": "JSONPatch", "patch": encoded}


def _answer(uid: str, more: Json) -> Json:
    """The review that answers."""
    return {
        "apiVersion": VERSION,
        "kind": "AdmissionReview",
        "response": {"uid": uid, "allowed": True, **more},
    }
