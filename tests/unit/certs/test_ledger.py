"""What time and commands do to the credentials of the local authority."""

import datetime
from collections.abc import Callable

import pytest

from gossamer.certs import pem
from gossamer.certs.ledger import Given, Ledger, UnknownArn
from gossamer.certs.local import local_credentials, trusted_roots
from gossamer.errors import InvalidSpec
from gossamer.model.credential import Amendment, Credential
from gossamer.store.vault import Vault
from tests.support.pki import Authority

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SEAL = Vault(bytes(32))
AUTHORITY = "arn:aws:acm-pca:us-west-2:000000000000:certificate-authority/a"
LEAF = "arn:aws:acm:us-west-2:000000000000:certificate/l"
YEARS = datetime.timedelta(days=3650)
MONTHS = datetime.timedelta(days=90)
MINUTE = datetime.timedelta(minutes=1)


class Kept:
    """Credentials, and a clock that tests move."""

    def __init__(self) -> None:
        self.credentials: tuple[Credential, ...] = ()
        self.now = START

    def do(self, change: Callable[[Ledger], Amendment]) -> Amendment:
        amendment = change(Ledger(self.credentials, SEAL, self.now))
        self.credentials = amendment.applied(self.credentials)
        return amendment

    def pass_(self, time: datetime.timedelta) -> None:
        """Let time pass, and do what is due then."""
        self.now += time
        self.do(Ledger.due)
        assert not self.do(Ledger.due), "what is done is not due again"

    def generations(self, arn: str) -> list[int]:
        return [one.generation for one in self.credentials if one.arn == arn]

    def leaf(self) -> pem.Facts:
        (found,) = [one for one in self.credentials if one.arn == LEAF]
        return pem.facts(found.certificate)


@pytest.fixture
def kept() -> Kept:
    found = Kept()
    found.do(lambda ledger: ledger.created(AUTHORITY, "shop", YEARS))
    found.do(lambda ledger: ledger.issued(LEAF, ["b.test", "spiffe://shop/b"], "", MONTHS))
    return found


def test_a_certificate_carries_its_names_and_ends_in_time(kept: Kept) -> None:
    assert kept.leaf().names == ("b.test", "spiffe://shop/b")
    assert kept.leaf().not_after == START + MONTHS


def test_a_certificate_is_renewed_well_before_it_ends_and_keeps_names_and_arn(kept: Kept) -> None:
    kept.pass_(datetime.timedelta(days=59))
    assert kept.generations(LEAF) == [1]
    kept.pass_(datetime.timedelta(days=2))
    assert kept.generations(LEAF) == [2]
    assert kept.leaf().names == ("b.test", "spiffe://shop/b")
    assert kept.leaf().not_after == kept.now + MONTHS


def test_a_new_root_is_trusted_first_then_issues_then_the_old_one_is_forgotten(kept: Kept) -> None:
    kept.do(lambda ledger: ledger.rotated(AUTHORITY, MINUTE))
    kept.pass_(datetime.timedelta())
    assert (kept.generations(AUTHORITY), kept.generations(LEAF)) == ([1, 2], [1])
    kept.pass_(MINUTE)
    assert (kept.generations(AUTHORITY), kept.generations(LEAF)) == ([1, 2], [2])
    assert trusted_roots(kept.credentials)[LEAF].count("BEGIN") == 2
    kept.pass_(MINUTE)
    assert (kept.generations(AUTHORITY), kept.generations(LEAF)) == ([2], [2])


def test_a_server_that_was_away_takes_the_steps_one_after_the_other(kept: Kept) -> None:
    kept.do(lambda ledger: ledger.rotated(AUTHORITY, MINUTE))
    kept.pass_(datetime.timedelta(days=1))
    assert (kept.generations(AUTHORITY), kept.generations(LEAF)) == ([1, 2], [2])


def test_a_root_is_rotated_before_it_ends(kept: Kept) -> None:
    for _ in range(12):
        kept.pass_(datetime.timedelta(days=300))
    assert kept.generations(AUTHORITY) == [2]
    assert kept.leaf().not_after > kept.now


def test_a_certificate_never_outlives_its_authority(kept: Kept) -> None:
    kept.do(lambda ledger: ledger.created("arn:short", "short", datetime.timedelta(days=10)))
    kept.do(lambda ledger: ledger.issued("arn:leaf", ["c.test"], "arn:short", MONTHS))
    (leaf,) = [one for one in kept.credentials if one.arn == "arn:leaf"]
    assert pem.facts(leaf.certificate).not_after == START + datetime.timedelta(days=10)


def test_what_came_from_elsewhere_is_told_of_before_it_ends(kept: Kept) -> None:
    pair = Authority("elsewhere").issue("d.test")
    kept.do(lambda ledger: ledger.imported("arn:own", Given(pair.chain, key=pair.key), MINUTE))
    late = datetime.datetime(2098, 12, 20, tzinfo=datetime.UTC)
    assert local_credentials(kept.credentials, SEAL, START).doubts == {}
    found = local_credentials(kept.credentials, SEAL, late).doubts
    assert found["arn:own"] == "expires on 2099-01-01 00:00 UTC, and nobody here can renew it"
    assert found[LEAF].startswith("expired on ")


def test_a_key_that_another_vault_sealed_is_told_of_and_its_certificate_not_shown(kept: Kept) -> None:
    found = local_credentials(kept.credentials, Vault(b"1" * 32), START)
    assert LEAF not in found.certificates
    assert "sealed with another key" in found.doubts[LEAF]


def test_keys_are_in_no_text_of_what_is_kept(kept: Kept) -> None:
    certificate = local_credentials(kept.credentials, SEAL, START).certificates[LEAF]
    assert certificate.key.startswith("-----BEGIN PRIVATE KEY")
    for text in (repr(certificate), repr(kept.credentials)):
        assert "PRIVATE" not in text
        assert kept.credentials[0].sealed_key not in text


PAIR, STRANGER = Authority("one").issue("a.test"), Authority("two").issue("b.test")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda one: one.issued("arn:x", [], "", MONTHS), "at least one name"),
        (
            lambda one: one.issued("arn:x", ["bad name\u00e9"], "", MONTHS),
            "must be DNS names, URIs or addresses",
        ),
        (lambda one: one.issued("arn:x", ["a"], "arn:none", MONTHS), "nothing with ARN arn:none"),
        (lambda one: one.rotated("arn:none", MINUTE), "nothing with ARN arn:none"),
        (lambda one: one.deleted(AUTHORITY), f"has issued certificates that are there: {LEAF}"),
        (lambda one: one.imported("arn:x", Given("nonsense"), MINUTE), "in PEM"),
        (lambda one: one.imported("arn:x", Given(PAIR.chain), MINUTE), "needs its key"),
        (lambda one: one.imported("arn:x", Given(PAIR.chain, key="x"), MINUTE), "not a private key"),
        (lambda one: one.imported("arn:x", Given(PAIR.chain, key=STRANGER.key), MINUTE), "does not belong"),
        (
            lambda one: one.imported(AUTHORITY, Given(PAIR.chain, key=PAIR.key), MINUTE),
            "of the kind authority",
        ),
        (lambda one: one.created("arn:x", "", YEARS), "1 to 64 characters"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    kept: Kept, change: Callable[[Ledger], Amendment], sentence: str
) -> None:
    with pytest.raises((InvalidSpec, UnknownArn)) as error:
        kept.do(change)
    assert sentence in str(error.value)
