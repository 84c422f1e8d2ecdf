"""Names that nobody had before."""

import uuid

from gossamer.uid import Uids


def test_a_uid_is_a_version_4_uuid_of_rfc_9562_as_everybody_writes_it() -> None:
    uids = Uids()
    made = [uids.new() for _ in range(200)]
    assert len(set(made)) == len(made)
    for text in made:
        read = uuid.UUID(text)
        assert (read.version, read.variant, str(read)) == (4, uuid.RFC_4122, text)
