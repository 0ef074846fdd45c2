"""The one way by which an outside URL is opened.

FetchError(message, permanent)
├── AddressRefused is raised as FetchError, permanent: see feeds/addresses.py
├── TooLarge       more bytes than allowed, also after decompression (permanent)
├── WrongType      a content type that was not asked for (permanent)
├── FetchTimeout   the deadline has passed
└── FetchFailed    no connection, a broken answer, an error status

The name is resolved once; every address must be allowed; the connection goes to a checked address and its peer
is checked again, so that a name that changes its address meanwhile gains nothing. Redirects (three at most)
are checked like the first address. Proxies of the environment are ignored, cookies are never sent. What carries a
secret (a form, an Authorization header) is never sent on to where a redirect points.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpcore2
import httpx2

from feedguard.feeds.addresses import AddressRefused, IPNetwork, Resolve, check_address, check_url, resolve

USER_AGENT = "FeedGuard/0.1 (feed reader)"
MAX_REDIRECTS = 3
PASSED_ON = {304, 410, 429, 503}
REDIRECTS = {301, 302, 303, 307, 308}


class FetchError(Exception):
    """A URL could not be fetched; the message is for the person. `permanent`: trying again will not help."""

    permanent = False


class RefusedAddress(FetchError):
    permanent = True


class TooLarge(FetchError):
    permanent = True


class WrongType(FetchError):
    permanent = True


class FetchTimeout(FetchError):
    pass


class FetchFailed(FetchError):
    """`status` is the HTTP status where there was an answer, else 0."""

    def __init__(self, message: str, *, permanent: bool = False, status: int = 0) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.status = status


@dataclass(frozen=True)
class FetchPolicy:
    """What the operator allows besides public addresses."""

    networks: tuple[IPNetwork, ...] = ()
    hosts: frozenset[str] = frozenset()
    resolve: Resolve = field(default=resolve)

    @classmethod
    def parse(cls, networks: Iterable[str], hosts: Iterable[str]) -> FetchPolicy:
        """From the settings. Raises ValueError naming the value that cannot be read."""
        hosts = frozenset(hosts)
        for host in hosts:
            if not host.rpartition(":")[2].isdigit():
                raise ValueError(f"FEEDGUARD_ALLOWED_ADDRESSES: {host!r} is not host:port")
        try:
            return cls(tuple(ipaddress.ip_network(network) for network in networks), hosts)
        except ValueError as error:
            raise ValueError(f"FEEDGUARD_ALLOWED_NETWORKS: {error}") from None


@dataclass(frozen=True)
class Fetched:
    """An answer. `url` is where it came from in the end; `permanent_url` where the site says that the address
    has moved for good, if every redirect on the way said so."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    permanent_url: str | None = None


class _CheckedBackend(httpcore2.NetworkBackend):
    """Connects only to checked addresses, and checks the peer after connecting."""

    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        try:
            addresses = self._policy.resolve(host, port)
        except OSError:
            raise httpcore2.ConnectError(f"{host} has no address") from None
        for address in addresses:
            check_address(address, host, port, self._policy.networks, self._policy.hosts)
        error: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses[:3]:
            try:
                stream = self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failed:
                error = failed
                continue
            peer = stream.get_extra_info("server_addr")
            try:
                check_address(str(peer[0]), host, port, self._policy.networks, self._policy.hosts)
            except AddressRefused:
                stream.close()
                raise
            return stream
        raise error

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _CheckedTransport(httpx2.HTTPTransport):
    def __init__(self, policy: FetchPolicy) -> None:
        super().__init__(trust_env=False, retries=0)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False), network_backend=_CheckedBackend(policy)
        )


def safe_fetch(
    url: str,
    *,
    policy: FetchPolicy,
    accept: tuple[str, ...],
    max_bytes: int,
    timeout_seconds: float,
    headers: Mapping[str, str] | None = None,
    form: Sequence[tuple[str, str]] | None = None,
) -> Fetched:
    """GET a URL, or POST a form (urlencoded) to it. `accept` lists prefixes of allowed content types; the time limit
    is for the whole.

    Statuses 304, 410, 429 and 503 are answers; other errors raise. A request with a form or an Authorization header
    is not redirected, it fails. Raises FetchError.
    """
    deadline = time.monotonic() + timeout_seconds
    body = None if form is None else urlencode(list(form)).encode()
    secret = body is not None or any(name.lower() == "authorization" for name in headers or {})
    if body is not None:
        headers = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
    sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate", "Accept": "*/*", **(headers or {})}
    only_permanent, current = True, url
    with httpx2.Client(transport=_CheckedTransport(policy), trust_env=False, follow_redirects=False) as client:
        for _ in range(MAX_REDIRECTS + 1):
            fetched = _one(client, current, accept, max_bytes, deadline, sent, body)
            if fetched.status not in REDIRECTS:
                moved = only_permanent and current != url and fetched.status == 200
                return Fetched(current, fetched.status, fetched.headers, fetched.body, current if moved else None)
            only_permanent &= fetched.status in {301, 308}
            current = urljoin(current, fetched.headers.get("location", "")).partition("#")[0]
            if secret:
                raise FetchFailed(
                    f"The site sends the request on to {urlsplit(current).hostname}. Give the address that it leads to.",
                    permanent=True,
                )
    raise FetchFailed(f"The site sends the request on more than {MAX_REDIRECTS} times.", permanent=True)


def _one(
    client: httpx2.Client, url: str, accept: tuple[str, ...], max_bytes: int, deadline: float, sent: Mapping[str, str],
    body: bytes | None,
) -> Fetched:  # fmt: skip
    try:
        check_url(url)
        left = deadline - time.monotonic()
        if left <= 0:
            raise FetchTimeout("The site took too long to answer.")
        timeout = httpx2.Timeout(left, connect=min(left, 8.0))
        client.cookies.clear()
        method = "GET" if body is None else "POST"
        with client.stream(method, url, headers=dict(sent), content=body, timeout=timeout) as response:
            return _read(response, url, accept, max_bytes, deadline)
    except AddressRefused as error:
        raise RefusedAddress(str(error)) from None
    except httpx2.TimeoutException:
        raise FetchTimeout("The site took too long to answer.") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.ConnectError, OSError) as error:
        raise FetchFailed(f"The site could not be reached ({_plain(error)}).") from None


def _plain(error: Exception) -> str:
    return str(error) or type(error).__name__


def _read(response: httpx2.Response, url: str, accept: tuple[str, ...], max_bytes: int, deadline: float) -> Fetched:
    headers = {name.lower(): value for name, value in response.headers.items()}
    status = response.status_code
    if status in REDIRECTS or status in PASSED_ON:
        return Fetched(url, status, headers, b"")
    if status >= 400:
        gone = " It may have moved: look on the site." if status == 404 else ""
        permanent = status in {400, 404, 405, 414}
        raise FetchFailed(f"The site answered with HTTP {status}.{gone}", permanent=permanent, status=status)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and accept and not kind.startswith(accept):
        raise WrongType(f"The site sent {kind}, which is not what was asked for.")
    body = bytearray()
    for chunk in response.iter_bytes(65_536):
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge(f"The answer is larger than {max_bytes // 1024:,} KB.")
        if time.monotonic() > deadline:
            raise FetchTimeout("The site took too long to answer.")
    return Fetched(url, status, headers, bytes(body))
