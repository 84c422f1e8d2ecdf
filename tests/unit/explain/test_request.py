"""A request is read as a client would send it, and refused with a sentence where none could."""

import pytest

from gossamer.errors import InvalidSpec
from gossamer.explain.request import Protocol, read_request


def told(method: str, url: str, *headers: tuple[str, str], protocol: str = "") -> list[str]:
    with pytest.raises(InvalidSpec) as caught:
        read_request(method, url, headers, protocol)
    return [str(one) for one in caught.value.violations]


def test_the_scheme_says_the_port_and_the_protocol() -> None:
    plain, encrypted = read_request("GET", "http://a.local"), read_request("GET", "https://a.local/x?q=1")
    assert (plain.port, plain.target, plain.is_encrypted) == (80, "/", False)
    assert (encrypted.port, encrypted.target, encrypted.is_encrypted) == (443, "/x?q=1", True)
    assert read_request("POST", "grpc://a.local:5000/S/M").protocol is Protocol.GRPC
    assert read_request("GET", "tcp://a.local:6379").protocol is Protocol.TCP


def test_a_host_header_stands_in_for_the_urls_host() -> None:
    found = read_request("GET", "http://10.0.0.1:8080/", [("Host", "a.local")])
    assert (found.authority, found.host, found.headers) == ("a.local", "10.0.0.1", ())


def test_what_grpc_clients_always_send_need_not_be_said() -> None:
    assert dict(read_request("POST", "http://a/S/M", protocol="grpc").headers) == {
        "content-type": "application/grpc",
        "te": "trailers",
    }


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert told("G ET", "http://a#x", ("x a", "1"), ("x-b", "\n")) == [
        "url: may hold no fragment: clients do not send it",
        "method: must be an HTTP method",
        "headers.x a: must be a field name: letters, digits and punctuation, no space",
        "headers.x-b: may hold no control character",
    ]


@pytest.mark.parametrize("url", ["a.local/x", "ftp://a.local", "http://", "http://[::1"])
def test_a_url_is_whole(url: str) -> None:
    assert told("GET", url) == [
        "url: must be a whole URL, of the scheme http, https, grpc, grpcs, tcp, with a host"
    ]


def test_what_proxies_refuse_before_any_route_is_told() -> None:
    assert told("GET", "http://me@a/é") == [
        "url: may hold no user: proxies refuse such a host",
        "url: may hold printable ASCII only: clients send the rest percent-encoded",
    ]
    assert told("GET", "http://a/%00") == ["url: may not hold %00: proxies answer 400"]
    assert told("CONNECT", "http://a/") == ["method: may not be CONNECT: no route takes it"]
    assert told("GET", "http://a:99999/") == ["url: its port must be between 1 and 65535"]
    assert told("GET", "tcp://a") == ["url: must name a port: TCP has no usual one"]
    assert told("GET", "http://a", ("host", "a b")) == [
        "headers.host: must be a host, with or without a port"
    ]
    assert told("GET", "http://a", ("te", "gzip"), protocol="http2") == [
        "headers.te: may not be sent over HTTP/2"
    ]
    assert told("GET", "http://a", protocol="smtp") == ["protocol: must be one of http, http2, grpc, tcp"]
