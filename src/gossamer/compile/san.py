"""Names in certificates -> envoy...SubjectAltNameMatcher.

Source: App Mesh API `SubjectAlternativeNameMatchers`; App Mesh user guide, Transport Layer Security.
"""

import ipaddress
import re
from collections.abc import Iterable

from envoy.extensions.transport_sockets.tls.v3.common_pb2 import SubjectAltNameMatcher
from envoy.type.matcher.v3.regex_pb2 import RegexMatcher
from envoy.type.matcher.v3.string_pb2 import StringMatcher


def san_matchers(names: Iterable[str]) -> list[SubjectAltNameMatcher]:
    """Translate the names of which a certificate must carry one; no names accept any."""
    return [_matcher(name) for name in names]


def is_address(name: str) -> bool:
    """Whether a name is an IP address, which certificates carry in another way."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _matcher(name: str) -> SubjectAltNameMatcher:
    """One name: a URI, an address, or a DNS name, in which a star stands for one label.

    Envoy lets a certificate with a star match a plain name by itself, but not a plain certificate a star.
    """
    if "://" in name:
        return SubjectAltNameMatcher(san_type=SubjectAltNameMatcher.URI, matcher=StringMatcher(exact=name))
    if is_address(name):
        return SubjectAltNameMatcher(
            san_type=SubjectAltNameMatcher.IP_ADDRESS, matcher=StringMatcher(exact=name)
        )
    if "*" in name:
        pattern = re.escape(name).replace(r"\*", "[^.]+")
        matcher = StringMatcher(safe_regex=RegexMatcher(regex=pattern))
        return SubjectAltNameMatcher(san_type=SubjectAltNameMatcher.DNS, matcher=matcher)
    return SubjectAltNameMatcher(
        san_type=SubjectAltNameMatcher.DNS, matcher=StringMatcher(exact=name, ignore_case=False)
    )
