"""What the metrics extension reads: tags as a JSON text in the metadata of listeners, routes and clusters.

Source: public configuration dumps of App Mesh proxies, which carry it whether or not the extension runs.
"""

import json

from envoy.config.core.v3.base_pb2 import Metadata
from google.protobuf.struct_pb2 import Struct

from gossamer.compile import names
from gossamer.compile.memory import remembered_by_name


@remembered_by_name
def metric_tags(**tags: str) -> Metadata:
    """The metadata that names what a listener, route or cluster stands for."""
    listed = [{"key": key, "value": value} for key, value in sorted(tags.items())]
    struct = Struct()
    struct.update({"config": json.dumps({"tags": listed}, separators=(",", ":"))})
    return Metadata(filter_metadata={names.METRIC_TAGS: struct})
