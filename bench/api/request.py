"""Whole HTTP requests as bytes, signed before anything is measured: signing costs as much as sending."""

import datetime
import hashlib
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from gossamer.api import sigv4
from gossamer.api.sigv4 import Claim, Sent
from tests.support.access_keys import REGION, Key

#: A virtual node as the Getting Started has it: a listener with a health check, a host name, two backends.
NODE = {
    "listeners": [
        {
            "portMapping": {"port": 8080, "protocol": "http"},
            "healthCheck": {
                "protocol": "http",
                "path": "/ping",
                "healthyThreshold": 2,
                "unhealthyThreshold": 3,
                "timeoutMillis": 2000,
                "intervalMillis": 5000,
            },
        }
    ],
    "serviceDiscovery": {"dns": {"hostname": "node.local"}},
    "backends": [{"virtualService": {"virtualServiceName": f"{name}.local"}} for name in ("one", "other")],
}


@dataclass(frozen=True, slots=True)
class Signer:
    """Whoever sends: a key, and the server that they speak to."""

    url: str
    key: Key

    def request(self, method: str, path: str, body: object = None) -> bytes:
        """One request to send over a connection that is kept."""
        payload = b"" if body is None else json.dumps(body).encode()
        host = urlsplit(self.url).netloc
        at = sigv4.stamp(datetime.datetime.now(datetime.UTC))
        headers = {"host": host, "x-amz-date": at, "content-type": "application/json"}
        sent = Sent(method, path.partition("?")[0], path.partition("?")[2], headers, _digest(payload))
        claim = Claim(self.key.id, at[:8], REGION, "appmesh", at, tuple(sorted(headers)), "")
        headers["authorization"] = sigv4.authorization(sent, claim, self.key.secret)
        headers["content-length"] = str(len(payload))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + payload

    def creation(self, mesh: str, name: str) -> bytes:
        """A virtual node that is not there yet."""
        path = f"/v20190125/meshes/{mesh}/virtualNodes"
        return self.request("PUT", path, {"virtualNodeName": name, "spec": NODE})

    def reading(self, mesh: str, name: str) -> bytes:
        """A virtual node."""
        return self.request("GET", f"/v20190125/meshes/{mesh}/virtualNodes/{name}")

    def listing(self, mesh: str) -> bytes:
        """A hundred virtual nodes."""
        return self.request("GET", f"/v20190125/meshes/{mesh}/virtualNodes?limit=100")


def _digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()
