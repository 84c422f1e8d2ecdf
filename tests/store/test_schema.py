"""The tables as each engine is told to make them."""

import pytest
from sqlalchemy import create_mock_engine
from sqlalchemy.schema import ExecutableDDLElement

from gossamer.store.schema import METADATA


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://"])
def test_only_entries_with_a_client_token_are_in_its_index(url: str) -> None:
    told: list[str] = []

    def tell(statement: ExecutableDDLElement, *_: object, **__: object) -> None:
        told.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine(url, tell)
    METADATA.create_all(engine, checkfirst=False)
    (index,) = [one for one in told if "revisions_by_token" in one]
    assert index.endswith("(token, principal) WHERE token IS NOT NULL")
