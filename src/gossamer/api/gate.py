"""Who may come in: what the request path asks before it carries out a call."""

import datetime
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from gossamer.api import session, sigv4
from gossamer.api.authorize import authorize
from gossamer.api.call import Call
from gossamer.api.refusal import Refusal, Refused
from gossamer.api.request import Caller, Request
from gossamer.api.session import EndedSessions, Session
from gossamer.api.sigv4 import UNSIGNED, Claim, Sent
from gossamer.clock import Clock
from gossamer.contract import DEFAULT_REGION
from gossamer.model.kind import partition_of
from gossamer.store.directory import Directory, KnownKey
from gossamer.store.keys import digest
from gossamer.store.store import Store

#: What requests are signed for: App Mesh, and its preview channel.
SERVICES: Final = ("appmesh", "appmesh-preview")

#: Methods that change nothing may be repeated as often as one likes.
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

#: The same signature again within this time is a retry by a client or a proxy, unless the first was answered.
RETRY: Final = datetime.timedelta(seconds=5)

#: Signatures have a resolution of one second: two calls of an SDK that are alike have the same one within it.
ALIKE: Final = datetime.timedelta(seconds=2)

#: How SDKs tell their calls apart; they do not sign it.
#: Source: AWS SDKs and tools reference, retry behaviour.
INVOCATION: Final = b"amz-sdk-invocation-id"

#: How many signatures are remembered at most.
MOST_SIGNATURES: Final = 500_000


class Gate(Protocol):
    """Tells who calls, and whether they may do what they ask for."""

    def authenticate(self, call: Call) -> Caller:
        """Whoever sent a call.

        Raises: Refused.
        """
        ...

    def glance(self, call: Call) -> None:
        """Look at what stands before the body: who cannot come in, whatever follows, need not send it.

        Raises: Refused.
        """
        ...

    async def authorize(self, request: Request) -> None:
        """Let a request pass.

        Raises: Refused.
        """
        ...

    def answered(self, call: Call, status: int) -> None:
        """A call got its answer."""
        ...


class OpenGate:
    """Takes every caller for the root of one account, whatever their credentials are."""

    def __init__(self, account: str, region: str = DEFAULT_REGION) -> None:
        self._caller = Caller(account, f"arn:{partition_of(region)}:iam::{account}:root")

    def authenticate(self, _: Call) -> Caller:
        """The one caller that there is."""
        return self._caller

    def glance(self, _: Call) -> None:
        """They may come in."""

    async def authorize(self, _: Request) -> None:
        """They may do everything."""

    def answered(self, call: Call, status: int) -> None:
        """They may do so again."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a gate looks at: everybody who may come in, as they are now, and the time.

    `is_open` as long as no keys are configured.
    """

    directory: Callable[[], Directory]
    is_open: Callable[[], bool]
    region: str
    clock: Clock


class KeyGate:
    """Lets in whoever signs with a known key, or has a session of one, to do what its policies allow.

    Everybody while it is open. `session_key` signs sessions.
    """

    def __init__(self, watch: Watch, store: Store, account: str, session_key: bytes) -> None:
        self._watch = watch
        self._store = store
        self._session_key = session_key
        self._opened = OpenGate(account, watch.region)
        self._used = UsedSignatures()
        self._ended = EndedSessions()

    def authenticate(self, call: Call) -> Caller:
        """Whoever signed a call, or is signed in.

        Raises: Refused.
        """
        if self._watch.is_open():
            if call.method not in SAFE and session.is_foreign(call):
                raise Refused(Refusal.FOREIGN_SITE, call.header(b"origin"))
            return self._opened.authenticate(call)
        sent = _sent(call)
        now = self._watch.clock.now()
        try:
            claim = sigv4.claimed(sent)
        except Refused as refused:
            cookie = session.cookie_of(call)
            if cookie is None or refused.refusal is not Refusal.MISSING:
                raise
            return self._signed_in(call, cookie, now)
        call.claimed_key = claim.key
        key = proven(self._watch, sent, claim, (), now)
        if call.method not in SAFE:
            self._used.add(claim, call.header(INVOCATION), now)
            call.signature = claim.signature
        shared = self._watch.directory().shared_with(key.account)
        return Caller(key.account, key.principal, claim.key, key.policies, shared)

    def glance(self, call: Call) -> None:
        """Refuse who has no key that is known, or signed for another place or time.

        Raises: Refused.
        """
        if self._watch.is_open():
            return
        now = self._watch.clock.now()
        try:
            claim = sigv4.claimed(_head(call))
        except Refused as refused:
            cookie = session.cookie_of(call)
            if cookie is None or refused.refusal is not Refusal.MISSING:
                raise
            self._signed_in(call, cookie, now)
        else:
            call.claimed_key = claim.key
            _known(self._watch, claim, now)

    def _signed_in(self, call: Call, cookie: str, now: datetime.datetime) -> Caller:
        """Whoever has a session.

        Raises: Refused.
        """
        found = session.read_session(cookie, self._session_key, now)
        call.claimed_key = found.key
        key = self._watch.directory().keys.get(found.key)
        is_over = key is None or (key.expires_at is not None and key.expires_at <= now)
        if key is None or is_over or found.id in self._ended:
            raise Refused(Refusal.SESSION_OVER)
        if call.method not in SAFE:
            session.check_page(call)
        shared = self._watch.directory().shared_with(key.account)
        return Caller(key.account, key.principal, found.key, key.policies, shared, found.expires_at, found.id)

    def is_still(self, caller: Caller) -> bool:
        """Whether a caller that was let in may stay: its key is there, and allows what it did."""
        if caller.key is None:
            return self._watch.is_open()
        if caller.session in self._ended:
            return False
        key, now = self._watch.directory().keys.get(caller.key), self._watch.clock.now()
        ends = [one for one in (caller.until, key.expires_at if key else None) if one is not None]
        return key is not None and key.policies == caller.policies and all(now < end for end in ends)

    def session(self, caller: Caller) -> tuple[str, datetime.timedelta]:
        """A session for whoever proved a key, and its life; no session outlives the key."""
        key, now = self._watch.directory().keys[caller.key or ""], self._watch.clock.now()
        end = min(now + session.LIFE, key.expires_at or now + session.LIFE)
        opened = Session(caller.key or "", end, secrets.token_hex(8))
        return session.issued(opened, self._session_key), end - now

    def sign_out(self, caller: Caller) -> None:
        """End the session that a caller came with, for every copy of its cookie."""
        if caller.session is not None and caller.until is not None:
            self._ended.add(caller.session, caller.until, self._watch.clock.now())

    async def authorize(self, request: Request) -> None:
        """Let a request pass if the policies of its caller allow it.

        Raises: Refused.
        """
        if request.caller.key is not None:
            await authorize(request, self._store, self._watch.region)

    def answered(self, call: Call, status: int) -> None:
        """What was done is not done again; what failed for our own reasons may be tried again."""
        if status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS:
            self._used.settle(call.signature, call.header(INVOCATION))


def proven(
    watch: Watch, sent: Sent, claim: Claim, others: Iterable[Sent], now: datetime.datetime
) -> KnownKey:
    """The key that made a signature, over what was sent or one of its other spellings.

    Raises: Refused.
    """
    key = _known(watch, claim, now)
    if not any([sigv4.is_genuine(one, claim, key.secret) for one in (sent, *others)]):  # noqa: C419 - always all of them
        raise Refused(Refusal.WRONG_SIGNATURE)
    given = "" if claim.token is None else digest(claim.token)
    if not hmac.compare_digest(given, key.token_digest or ""):
        raise Refused(Refusal.UNKNOWN_KEY)
    if key.expires_at is not None and key.expires_at <= now:
        raise Refused(Refusal.EXPIRED_KEY)
    return key


def _known(watch: Watch, claim: Claim, now: datetime.datetime) -> KnownKey:
    """The key that a signature names, and is good for here and now.

    Raises: Refused.
    """
    key = watch.directory().keys.get(claim.key)
    if key is None:
        raise Refused(Refusal.UNKNOWN_KEY)
    sigv4.check(claim, now=now, region=watch.region, services=SERVICES)
    return key


@dataclass(slots=True)
class _Use:
    """A signature that was used: when first, until when it is good, and which calls were answered."""

    first: datetime.datetime
    last: datetime.datetime
    answered: dict[str, bool]


class UsedSignatures:
    """The signatures of calls that change something, for as long as they would be good.

    Those of URLs are apart: one that is good for days must not keep those that came after it.
    """

    def __init__(self, most: int = MOST_SIGNATURES) -> None:
        self._most = most
        self._of_headers: OrderedDict[str, _Use] = OrderedDict()
        self._of_urls: OrderedDict[str, _Use] = OrderedDict()

    def __len__(self) -> int:
        return len(self._of_headers) + len(self._of_urls)

    def add(self, claim: Claim, invocation: str, now: datetime.datetime) -> None:
        """Take note of a signature, and of what its client calls this call.

        Raises: Refused if the call was answered, or came first too long ago for this to be a retry.
        """
        self._forget(self._of_headers, now)
        self._forget(self._of_urls, now)
        used = self._of_headers if claim.life is None else self._of_urls
        use = used.setdefault(claim.signature, _Use(now, _last(claim), {invocation: False}))
        if invocation and now - use.first <= ALIKE:
            use.answered.setdefault(invocation, False)
        if use.answered.get(invocation, True) or now - use.first > RETRY:
            raise Refused(Refusal.REPEATED)

    def settle(self, signature: str, invocation: str) -> None:
        """The call that carried it was answered."""
        use = self._of_headers.get(signature) or self._of_urls.get(signature)
        if use is not None:
            use.answered[invocation] = True

    def _forget(self, used: OrderedDict[str, _Use], now: datetime.datetime) -> None:
        """Let the oldest go, once they are no good any more or there are too many."""
        while used:
            signature, use = next(iter(used.items()))
            if use.last >= now and len(used) < self._most:
                return
            del used[signature]


def _last(claim: Claim) -> datetime.datetime:
    return claim.at + (sigv4.SKEW if claim.life is None else claim.life)


def _sent(call: Call) -> Sent:
    """What a signature is over.

    Raises: Refused if the caller tells something of the body that is not so.
    """
    headers = _headers(call)
    return _sent_with(call, headers, _payload(call, headers.get("x-amz-content-sha256")))


def _head(call: Call) -> Sent:
    """What a signature is over, but for the body."""
    return _sent_with(call, _headers(call), "")


def _headers(call: Call) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in call.headers:
        key, text = name.decode("latin-1"), value.decode("utf-8", "surrogateescape")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers


def _sent_with(call: Call, headers: dict[str, str], payload: str) -> Sent:
    path = call.raw_path.decode("utf-8", "surrogateescape")
    query = call.query_string.decode("utf-8", "surrogateescape")
    return Sent(call.method, path, query, headers, payload)


def _payload(call: Call, told: str | None) -> str:
    """What stands for the body in a signature.

    Raises: Refused if the caller tells something that is not so.
    """
    if told == UNSIGNED and call.is_secure:
        return UNSIGNED
    found = hashlib.sha256(call.body).hexdigest()
    if told is not None and told != found:
        raise Refused(Refusal.WRONG_BODY)
    return found
