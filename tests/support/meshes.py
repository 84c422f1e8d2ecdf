"""Revisions and meshes for tests, from plain values."""

import datetime
import json
import uuid

from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision
from gossamer.model.specs import spec_from_json

THEN = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)


def revision(ref: Ref, kind: Kind, spec: object, version: int = 1) -> Revision:
    """A revision of a resource whose spec is given in the API's own words."""
    uid = str(uuid.uuid5(uuid.NAMESPACE_URL, str(ref)))
    return Revision(ref, spec_from_json(kind, json.dumps(spec)), uid, version, THEN, THEN, ref.account)
