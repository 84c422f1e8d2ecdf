"""Where a proxy gets more of its configuration from -> envoy.config.core.v3.ConfigSource."""

from envoy.config.core.v3.config_source_pb2 import AggregatedConfigSource, ApiVersion, ConfigSource


def ads() -> ConfigSource:
    """More of it comes on the same stream."""
    return ConfigSource(ads=AggregatedConfigSource(), resource_api_version=ApiVersion.V3)
