"""What happens to the credentials of the local authority; credentials in, an amendment out.

An authority is rotated in steps, so that no handshake fails: its successor is trusted from the start, issues
only after an overlap, when every proxy has heard of it, and then everything anew; its predecessor is trusted
for one more overlap. When somebody asks for what is due does not matter: a late step is only taken later.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from gossamer.certs import pem
from gossamer.errors import InvalidSpec, MeshError, Violation
from gossamer.model.credential import Amendment, Credential, CredentialKind

#: A certificate is renewed when this much of its life is over, an authority when this much is.
RENEWED_AFTER: Final = 2 / 3
ROTATED_AFTER: Final = 4 / 5

#: How long an authority that nobody rotates by hand is trusted before it issues.
UNHURRIED: Final = datetime.timedelta(days=1)


class Seal(Protocol):
    """Keeps keys unreadable at rest."""

    def sealed(self, text: str, owner: str) -> str:
        """A text that is opened for the same owner only."""
        ...

    def opened(self, sealed: str, owner: str) -> str:
        """What was sealed."""
        ...


class UnknownArn(MeshError):
    """No certificate, and no authority, has this ARN."""

    def __str__(self) -> str:
        """Which one, and where to look."""
        return f"there is nothing with ARN {self.args[0]}; `gossamer ca list` shows what there is"


@dataclass(frozen=True, slots=True)
class Given:
    """A certificate from elsewhere, in PEM, with what leads to its root and its key, where they are known."""

    certificate: str
    chain: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """All credentials at one moment."""

    credentials: tuple[Credential, ...]
    seal: Seal
    now: datetime.datetime

    def created(self, arn: str, name: str, life: datetime.timedelta) -> Amendment:
        """A new authority with a root of its own."""
        return Amendment(put=(self._root(arn, 1, pem.root(name, self.now, life), self.now),))

    def issued(self, arn: str, names: Sequence[str], authority: str, life: datetime.timedelta) -> Amendment:
        """A new certificate; `authority` is an ARN, or empty if there is only one.

        Raises: UnknownArn, InvalidSpec.
        """
        if not names:
            raise InvalidSpec([Violation("", "a certificate needs at least one name")])
        issuer = self._issuing(authority or self._only_authority())
        return Amendment(put=(self._leaf(arn, 1, names, issuer, life),))

    def imported(self, arn: str, given: Given, overlap: datetime.timedelta) -> Amendment:
        """A certificate or an authority from elsewhere; under an ARN that is there, its next generation.

        Raises: InvalidSpec.
        """
        is_authority = pem.is_authority(given.certificate)
        if given.key:
            pem.check_pair(given.certificate, given.key)
        elif not is_authority:
            raise InvalidSpec([Violation("", "a certificate needs its key, unless it is an authority's")])
        before = self._generations(arn)
        kind = CredentialKind.AUTHORITY if is_authority else CredentialKind.CERTIFICATE
        if before and before[-1].kind is not kind:
            raise InvalidSpec(
                [Violation("", f"{arn} is of the kind {before[-1].kind.value}, not {kind.value}")]
            )
        taken = Credential(
            arn=arn,
            generation=before[-1].generation + 1 if before else 1,
            kind=kind,
            certificate=pem.joined(given.certificate),
            chain=pem.joined(given.chain),
            sealed_key=self.seal.sealed(given.key, arn) if given.key else "",
            created_at=self.now,
            issues_from=self.now + (overlap if before else datetime.timedelta()) if is_authority else None,
            overlap=overlap,
        )
        return Amendment(put=(taken,), remove=() if is_authority else before)

    def rotated(self, arn: str, overlap: datetime.timedelta) -> Amendment:
        """A certificate issued anew at once, or the first step of a new root.

        Raises: UnknownArn; InvalidSpec for what came from elsewhere.
        """
        newest = self._newest(arn)
        if newest.kind is CredentialKind.CERTIFICATE:
            if not newest.issuer:
                raise InvalidSpec([Violation("", f"{arn} came from elsewhere: import its successor")])
            return self._reissued(newest)
        if not self._is_own_root(newest):
            raise InvalidSpec([Violation("", f"{arn} is not a root of ours: import its successor")])
        if newest.issues_from is not None and newest.issues_from > self.now:
            raise InvalidSpec([Violation("", f"{arn} is being rotated: it issues from {newest.issues_from}")])
        found = pem.facts(newest.certificate)
        signed = pem.root(found.name, self.now, found.life - pem.SKEW)
        issues_from = self.now + overlap
        root = self._root(arn, newest.generation + 1, signed, issues_from)
        return Amendment(put=(replace(root, overlap=overlap),))

    def deleted(self, arn: str) -> Amendment:
        """Nothing under this ARN any more.

        Raises: UnknownArn; InvalidSpec for an authority whose certificates are still there.
        """
        self._newest(arn)
        issued = sorted({one.arn for one in self.credentials if one.issuer == arn})
        if issued:
            raise InvalidSpec(
                [Violation("", f"{arn} has issued certificates that are there: {', '.join(issued)}")]
            )
        return Amendment(remove=self._generations(arn))

    def due(self) -> Amendment:
        """What time alone brings: certificates renewed, authorities rotated, their predecessors retired."""
        put: list[Credential] = []
        remove: list[Credential] = []
        for amendment in (*self._successions(), *self._renewals(), *self._rotations()):
            put.extend(amendment.put)
            remove.extend(amendment.remove)
        return Amendment(tuple(put), tuple(remove))

    def _successions(self) -> Iterator[Amendment]:
        """Predecessors of authorities that issue: told when to retire, and gone when that has come."""
        for arn in self._authorities():
            active = self._issuing(arn)
            for one in self._generations(arn):
                if one.generation >= active.generation:
                    continue
                if one.retires_at is None:
                    yield Amendment(put=(replace(one, retires_at=self.now + active.overlap),))
                elif one.retires_at <= self.now:
                    yield Amendment(remove=(one,))

    def _renewals(self) -> Iterator[Amendment]:
        """Certificates of ours that are old, or that an authority's predecessor issued."""
        for one in self.credentials:
            if one.kind is CredentialKind.CERTIFICATE and one.issuer in self._authorities():
                issuer = self._issuing(one.issuer)
                is_succeeded = one.issuer_generation != issuer.generation
                if self._can_issue(issuer) and (is_succeeded or self._is_old(one, RENEWED_AFTER)):
                    yield self._reissued(one)

    def _rotations(self) -> Iterator[Amendment]:
        for arn in self._authorities():
            newest = self._newest(arn)
            if self._is_own_root(newest) and self._is_old(newest, ROTATED_AFTER):
                yield self.rotated(arn, UNHURRIED)

    def _is_old(self, one: Credential, share: float) -> bool:
        found = pem.facts(one.certificate)
        return self.now >= found.not_before + found.life * share

    def _is_own_root(self, one: Credential) -> bool:
        return bool(one.sealed_key) and pem.is_self_signed(one.certificate)

    def _can_issue(self, authority: Credential) -> bool:
        return bool(authority.sealed_key) and pem.facts(authority.certificate).not_after > self.now

    def _authorities(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(one.arn for one in self.credentials if one.kind is CredentialKind.AUTHORITY)
        )

    def _only_authority(self) -> str:
        found = self._authorities()
        if len(found) != 1:
            there = "there is no authority yet: `gossamer ca create` makes one"
            several = f"there are several authorities, name one of them: {', '.join(found)}"
            raise InvalidSpec([Violation("", several if found else there)])
        return found[0]

    def _generations(self, arn: str) -> tuple[Credential, ...]:
        return tuple(
            sorted((one for one in self.credentials if one.arn == arn), key=lambda one: one.generation)
        )

    def _newest(self, arn: str) -> Credential:
        found = self._generations(arn)
        if not found:
            raise UnknownArn(arn)
        return found[-1]

    def _issuing(self, arn: str) -> Credential:
        """The generation of an authority that issues now: the newest whose time has come."""
        found = [one for one in self._generations(arn) if one.kind is CredentialKind.AUTHORITY]
        if not found:
            raise UnknownArn(arn)
        ready = [one for one in found if one.issues_from is None or one.issues_from <= self.now]
        return (ready or found)[-1]

    def _root(
        self, arn: str, generation: int, signed: pem.Signed, issues_from: datetime.datetime
    ) -> Credential:
        return Credential(
            arn=arn,
            generation=generation,
            kind=CredentialKind.AUTHORITY,
            certificate=signed.certificate,
            chain="",
            sealed_key=self.seal.sealed(signed.key, arn),
            created_at=self.now,
            issues_from=issues_from,
        )

    def _reissued(self, before: Credential) -> Amendment:
        found = pem.facts(before.certificate)
        issuer = self._issuing(before.issuer)
        leaf = self._leaf(before.arn, before.generation + 1, found.names, issuer, found.life - pem.SKEW)
        return Amendment(put=(leaf,), remove=(before,))

    def _leaf(
        self, arn: str, generation: int, names: Sequence[str], issuer: Credential, life: datetime.timedelta
    ) -> Credential:
        if not self._can_issue(issuer):
            why = "has expired" if issuer.sealed_key else "is only trusted: its key was not imported"
            raise InvalidSpec([Violation("", f"{issuer.arn} {why}")])
        key = self.seal.opened(issuer.sealed_key, issuer.arn)
        signed = pem.leaf(names, pem.Issuer(issuer.certificate, key), self.now, life)
        return Credential(
            arn=arn,
            generation=generation,
            kind=CredentialKind.CERTIFICATE,
            certificate=signed.certificate,
            chain=pem.joined(issuer.certificate, issuer.chain),
            sealed_key=self.seal.sealed(signed.key, arn),
            created_at=self.now,
            issuer=issuer.arn,
            issuer_generation=issuer.generation,
        )
