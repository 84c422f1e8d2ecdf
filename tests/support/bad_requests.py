"""More than a hundred requests that no server should take, and what each is answered with."""

from dataclasses import dataclass
from typing import Final

from tests.support.raw_http import request

MESHES: Final = "/v20190125/meshes"
NODES: Final = "/v20190125/meshes/m/virtualNodes"
OLD: Final = "/meshes"
START: Final = b"GET /v20190125/meshes HTTP/1.1\r\n"
HOST: Final = b"Host: gossamer\r\n"
CLOSE: Final = b"Connection: close\r\n\r\n"
CHUNKED: Final = "Transfer-Encoding: chunked"


@dataclass(frozen=True)
class Bad:
    """One request. `ends` if our side ends before the request does: then there may be nobody to answer."""

    name: str
    sent: bytes
    status: int
    says: str = ""
    ends: bool = False


def no_http() -> list[Bad]:
    """What is no HTTP, or HTTP that nobody may send."""
    wrong = {
        "zero bytes": b"\x00\x01\x02\x03\r\n\r\n",
        "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "an HTTP/2 greeting": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "a version of the future": b"GET /v20190125/meshes HTTP/3.0\r\n" + HOST + CLOSE,
        "no version": b"GET /v20190125/meshes \r\n" + HOST + CLOSE,
        "a method in lower case": b"get /v20190125/meshes HTTP/1.1\r\n" + HOST + CLOSE,
        "a method that nobody knows": b"BREW /v20190125/meshes HTTP/1.1\r\n" + HOST + CLOSE,
        "a method of nothing": b" /v20190125/meshes HTTP/1.1\r\n" + HOST + CLOSE,
        "a blank in the target": b"GET /v20190125/mes hes HTTP/1.1\r\n" + HOST + CLOSE,
        "a zero byte in the target": b"GET /v20190125/\x00 HTTP/1.1\r\n" + HOST + CLOSE,
        "eight bits in the target": b"GET /v20190125/meshes/\xff HTTP/1.1\r\n" + HOST + CLOSE,
        "a relative target": b"GET v20190125/meshes HTTP/1.1\r\n" + HOST + CLOSE,
        "a CONNECT": b"CONNECT other.example:80 HTTP/1.1\r\n" + HOST + CLOSE,
        "no Host": START + CLOSE,
        "two Hosts": START + HOST + HOST + CLOSE,
        "a zero byte in a header": START + HOST + b"X: a\x00b\r\n" + CLOSE,
        "a header without a colon": START + HOST + b"nothing\r\n" + CLOSE,
        "a header without a name": START + HOST + b": nothing\r\n" + CLOSE,
        "a blank before a colon": START + b"Host : gossamer\r\n" + CLOSE,
        "a folded header": START + HOST + b"X: a\r\n b\r\n" + CLOSE,
        "lines that end in LF": b"GET /v20190125/meshes HTTP/1.1\nHost: a\nConnection: close\n\n",
        "a lone CR": START + HOST + b"X: a\rb\r\n" + CLOSE,
        "a negative length": request("PUT", NODES, b"{}", "Content-Length: -1"),
        "a length in words": request("PUT", NODES, b"{}", "Content-Length: two"),
        "a length with a sign": request("PUT", NODES, b"{}", "Content-Length: +2"),
        "a hexadecimal length": request("PUT", NODES, b"{}", "Content-Length: 0x2"),
        "an empty length": request("PUT", NODES, b"{}", "Content-Length: "),
        "two lengths": request("PUT", NODES, b"{}", "Content-Length: 2", "Content-Length: 3"),
        "a length list": request("PUT", NODES, b"{}", "Content-Length: 2, 2"),
        "a length of 23 digits": request("PUT", NODES, b"{}", "Content-Length: 99999999999999999999999"),
        "a length that overflows": request("PUT", NODES, b"{}", "Content-Length: 18446744073709551618"),
        "a length and chunks": request("PUT", NODES, b"0\r\n\r\n", "Content-Length: 5", CHUNKED),
        "chunks and a length": request("PUT", NODES, b"0\r\n\r\n", CHUNKED, "Content-Length: 5"),
        "an unknown transfer coding": request("PUT", NODES, b"{}", "Transfer-Encoding: gzip"),
        "chunks of chunks": request("PUT", NODES, b"0\r\n\r\n", "Transfer-Encoding: chunked, chunked"),
        "chunks that are not last": request("PUT", NODES, b"0\r\n\r\n", "Transfer-Encoding: chunked, gzip"),
        "a chunk size that is no number": request("PUT", NODES, b"zz\r\n{}\r\n0\r\n\r\n", CHUNKED),
        "a negative chunk size": request("PUT", NODES, b"-2\r\n{}\r\n0\r\n\r\n", CHUNKED),
        "a chunk size that overflows": request(
            "PUT", NODES, b"FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n", CHUNKED
        ),
        "a chunk longer than its size": request("PUT", NODES, b"2\r\n{}}}\r\n0\r\n\r\n", CHUNKED),
        "a chunk without an end of line": request("PUT", NODES, b"2\r\n{}0\r\n\r\n", CHUNKED),
    }
    return [Bad(name, sent, 400) for name, sent in wrong.items()]


def too_much() -> list[Bad]:
    """What is larger than anybody needs."""
    long = "headers are too long"
    values = b'{"virtualNodeName":"n","spec":{"listeners":[' + b",".join([b"1"] * 400_000) + b"]}}"
    members = b"{" + b",".join(b'"m%d":1' % number for number in range(60_000)) + b"}"
    nested = b'{"virtualNodeName":"n","spec":' + b'{"listeners":[' * 2_000 + b"]}" * 2_000 + b"}"
    shapes = b'{"virtualNodeName":"n","spec":' + b'{"logging":' * 150 + b"1" + b"}" * 150 + b"}"
    digits = b'{"virtualNodeName":"n","spec":{"listeners":[{"portMapping":{"port":' + b"9" * 5_000 + b"}}]}}"
    few = b'{"virtualNodeName":"n","spec":{"listeners":[' + b",".join([b"1"] * 9_000) + b"]}}"
    return [
        Bad("a header of a megabyte", START + HOST + b"X: " + b"a" * 1_000_000 + b"\r\n" + CLOSE, 431, long),
        Bad("a hundred thousand headers", START + HOST + b"X: a\r\n" * 100_000 + CLOSE, 431, long),
        Bad("a target of a megabyte", request("GET", "/" + "a" * 1_000_000), 431, long),
        Bad(
            "a name of 40,000 characters",
            request("GET", f"{MESHES}/" + "a" * 40_000),
            400,
            "longer than any may be",
        ),
        Bad("a body of two megabytes", request("PUT", NODES, b"x" * (2 * 1024 * 1024)), 400, "too long"),
        Bad(
            "chunks of two megabytes",
            request("PUT", NODES, b"10000\r\n" + b"x" * 65536 + b"\r\n" * 1, CHUNKED)
            + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 32
            + b"0\r\n\r\n",
            400,
            "too long",
        ),
        Bad("a hundred thousand lists", request("PUT", NODES, b"[" * 100_000), 400, "nested too deeply"),
        Bad("fifty thousand objects", request("PUT", NODES, b'{"a":' * 50_000), 400, "nested too deeply"),
        Bad("a deep spec", request("PUT", NODES, nested), 400, "nested too deeply"),
        Bad("shapes in shapes", request("PUT", NODES, shapes), 400, "spec.logging"),
        Bad("four hundred thousand values", request("PUT", NODES, values), 400, "at most 20000 values"),
        Bad("sixty thousand members", request("PUT", NODES, members), 400, "at most 20000 values"),
        Bad("nine thousand mistakes", request("PUT", NODES, few), 400, "more"),
        Bad(
            "a string of a megabyte",
            request("PUT", NODES, b'{"virtualNodeName":"' + b"x" * 1_000_000 + b'"}'),
            400,
        ),
        Bad("a number of 5,000 digits", request("PUT", NODES, digits), 400),
        Bad("a limit of 5,000 digits", request("GET", f"{MESHES}?limit=" + "9" * 5_000), 400, "limit"),
        Bad(
            "a token of 30,000 characters",
            request("GET", f"{MESHES}?nextToken=" + "A" * 30_000),
            400,
            "nextToken",
        ),
    ]


def bodies() -> list[Bad]:
    """Bodies that are no JSON, or not the JSON that was asked for."""
    not_json = {
        "nothing": b"",
        "half an object": b"{",
        "half a member": b'{"meshName',
        "half a string": b'{"meshName": "a',
        "a comma too many": b'{"meshName": "a",}',
        "a comma too few": b'{"meshName": "a" "spec": {}}',
        "two documents": b'{"meshName": "a"}{"meshName": "b"}',
        "something behind the end": b'{"meshName": "a"} x',
        "a comment": b'{"meshName": "a" /* x */}',
        "single quotes": b"{'meshName': 'a'}",
        "no quotes": b"{meshName: a}",
        "XML": b"<meshName>a</meshName>",
        "a form": b"meshName=a",
        "compressed": b"\x1f\x8b\x08\x00",
        "a byte order mark": b'\xef\xbb\xbf{"meshName": "a"}',
        "UTF-16": '{"meshName": "a"}'.encode("utf-16"),
        "Latin-1": '{"meshName": "ä"}'.encode("latin-1"),
        "half a character": b'{"meshName": "\xe2\x82"}',
        "an encoded surrogate": b'{"meshName": "\xed\xa0\x80"}',
        "an escaped surrogate": b'{"meshName": "\\ud800"}',
        "a bare control character": b'{"meshName": "a\x01b"}',
        "an unknown escape": b'{"meshName": "\\q"}',
        "a list": b"[]",
        "null": b"null",
        "a number": b"1",
        "a string": b'"meshName"',
        "a NaN": b'{"meshName": NaN}',
        "a wrong type": b'{"meshName": 7}',
        "a null name": b'{"meshName": null}',
        "an empty name": b'{"meshName": ""}',
        "a name of 256 characters": b'{"meshName": "' + b"a" * 256 + b'"}',
        "a name with a slash": b'{"meshName": "a/b"}',
        "a name with a zero": b'{"meshName": "a\\u0000b"}',
        "an ARN for a name": b'{"meshName": "arn:aws:appmesh:us-west-2:000000000000:mesh/a"}',
        "a member that is none": b'{"meshName": "a", "bogus": 1}',
        "a member in another case": b'{"meshname": "a"}',
        "a wrapper": b'{"mesh": {"meshName": "a"}}',
        "a member twice": b'{"meshName": "a", "meshName": "b"}',
        "an inner member twice": b'{"meshName": "a", "spec": {"egressFilter": {"type": "a", "type": "b"}}}',
        "an enum of another case": b'{"meshName": "a", "spec": {"egressFilter": {"type": "drop_all"}}}',
        "a spec that is a list": b'{"meshName": "a", "spec": []}',
        "fifty-one labels": b'{"meshName": "a", "tags": ['
        + b",".join(b'{"key": "k%d", "value": ""}' % number for number in range(51))
        + b"]}",
        "a reserved label": b'{"meshName": "a", "tags": [{"key": "aws:x", "value": ""}]}',
        "a token with a zero": b'{"meshName": "a", "clientToken": "a\\u0000b"}',
        "a label with a zero": b'{"meshName": "a", "tags": [{"key": "a", "value": "\\u0000"}]}',
        "an empty token": b'{"meshName": "a", "clientToken": ""}',
    }
    return [Bad(name, request("PUT", MESHES, sent), 400) for name, sent in not_json.items()] + [
        Bad(f"{name}, to the preview", request("PUT", OLD, not_json[name]), 400)
        for name in ("half an object", "a member twice", "a member that is none", "Latin-1")
    ]


def paths() -> list[Bad]:
    """Paths that play tricks, and methods that are not there."""
    return [
        Bad("a percent sign alone", request("GET", f"{MESHES}/%"), 400, "percent"),
        Bad("half an escape", request("GET", f"{MESHES}/%2"), 400, "percent"),
        Bad("an escape of letters", request("GET", f"{MESHES}/%zz"), 400, "percent"),
        Bad("an overlong slash", request("GET", f"{MESHES}/%c0%af"), 400, "UTF-8"),
        Bad("an encoded surrogate in a name", request("GET", f"{MESHES}/%ed%a0%80"), 400, "UTF-8"),
        Bad("a zero byte in a name", request("GET", f"{MESHES}/%00"), 400, "NUL"),
        Bad("a zero byte in an ARN", request("GET", "/v20190125/tags?resourceArn=a%00b"), 400, "NUL"),
        Bad("a zero byte in a filter", request("GET", "/gossamer/v1/audit?eventName=%00"), 400, "NUL"),
        Bad("an encoded slash in a mesh's name", request("GET", f"{MESHES}/a%2Fb"), 400, "an ARN is not"),
        Bad("an encoded way up", request("GET", f"{MESHES}/%2e%2e"), 404),
        Bad("a way up", request("GET", f"{MESHES}/../meshes"), 404),
        Bad("a way to the system's files", request("GET", "/../../../../etc/passwd"), 404),
        Bad("an encoded way to them", request("GET", "/..%2f..%2f..%2fetc%2fpasswd"), 404),
        Bad("a dot", request("GET", "/v20190125/./meshes"), 404),
        Bad("two slashes", request("GET", "//v20190125/meshes"), 404),
        Bad("a slash at the end", request("GET", f"{MESHES}/"), 400, "empty"),
        Bad("a mesh without a name", request("GET", f"{MESHES}//virtualNodes"), 400, "empty"),
        Bad("a backslash", request("GET", "/v20190125\\meshes"), 404),
        Bad("a semicolon", request("GET", f"{MESHES};x=1"), 404),
        Bad("another case", request("GET", "/V20190125/Meshes"), 404),
        Bad("a version that never was", request("GET", "/v20300101/meshes"), 404),
        Bad("a singular", request("GET", "/v20190125/mesh"), 404),
        Bad("the asterisk", b"OPTIONS * HTTP/1.1\r\n" + HOST + CLOSE, 404),
        Bad("a POST", request("POST", MESHES, b"{}"), 405, "it has GET, PUT"),
        Bad("a PATCH", request("PATCH", f"{MESHES}/m", b"{}"), 405),
        Bad("a TRACE", request("TRACE", MESHES), 405),
        Bad("an OPTIONS", request("OPTIONS", MESHES), 405),
        Bad("an update of a mesh of the preview", request("PUT", f"{OLD}/m", b"{}"), 405),
        Bad("a limit of none", request("GET", f"{MESHES}?limit=0"), 400, "limit"),
        Bad("a negative limit", request("GET", f"{MESHES}?limit=-1"), 400, "limit"),
        Bad("a limit in words", request("GET", f"{MESHES}?limit=ten"), 400, "limit"),
        Bad("a limit in other digits", request("GET", f"{MESHES}?limit=%D9%A1"), 400, "limit"),
        Bad("two limits", request("GET", f"{MESHES}?limit=1&limit=2"), 400, "limit: stands more than once"),
        Bad(
            "a hundred query members",
            request("GET", f"{MESHES}?" + "&".join(f"a{n}=1" for n in range(100))),
            400,
            "many",
        ),
        Bad("a token of ours, made up", request("GET", f"{MESHES}?nextToken=AAAA"), 400, "nextToken"),
        Bad("an owner that is none", request("GET", f"{MESHES}/m?meshOwner=1"), 400, "meshOwner"),
        Bad("no resource to list labels of", request("GET", "/v20190125/tags"), 400, "resourceArn"),
        Bad(
            "an ARN of another service",
            request("GET", "/v20190125/tags?resourceArn=arn:aws:s3:::bucket"),
            400,
            "resourceArn",
        ),
    ]


def truncated() -> list[Bad]:
    """Requests that end too soon."""
    return [
        Bad("half a request line", b"GET /v201", 400, ends=True),
        Bad("half a head", START + b"Hos", 400, ends=True),
        Bad("half a body", request("PUT", MESHES, b'{"meshName"', "Content-Length: 100"), 400, ends=True),
        Bad("half a chunk", request("PUT", MESHES, b'64\r\n{"meshName"', CHUNKED), 400, ends=True),
        Bad(
            "chunks without an end",
            request("PUT", MESHES, b'10\r\n{"meshName":"a"}\r\n', CHUNKED),
            400,
            ends=True,
        ),
    ]


BAD: Final = (*no_http(), *too_much(), *bodies(), *paths(), *truncated())
