"""The ARNs of the local authority."""

import pytest

from gossamer.certs.arn import Namer


@pytest.mark.parametrize(("region", "start"), [("us-west-2", "arn:aws"), ("cn-north-1", "arn:aws-cn")])
def test_an_arn_is_of_its_regions_partition(region: str, start: str) -> None:
    namer = Namer("123456789012", region)
    assert namer.authority().startswith(f"{start}:acm-pca:{region}:123456789012:certificate-authority/")
    assert namer.certificate().startswith(f"{start}:acm:{region}:123456789012:certificate/")
