"""The one way to the outside: only public addresses, within limits."""

from __future__ import annotations

import gzip
import time

import pytest

from feedguard.feeds.safe_fetch import (
    Fetched,
    FetchError,
    FetchFailed,
    FetchPolicy,
    FetchTimeout,
    RefusedAddress,
    TooLarge,
    WrongType,
    safe_fetch,
)
from tests.feeds.wild import WildServer, bomb

OPEN = FetchPolicy.parse(["127.0.0.0/8"], [])


def fetch(url: str, policy: FetchPolicy = OPEN, **changes: object) -> Fetched:
    wanted: dict[str, object] = {"accept": ("text/", "application/"), "max_bytes": 100_000, "timeout_seconds": 5.0}
    return safe_fetch(url, policy=policy, **{**wanted, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "192.0.0.8", "198.18.0.1", "::1", "::", "fe80::1", "fec0::1", "fc00::1", "ff02::1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "::127.0.0.1",
    ],
)  # fmt: skip
def test_a_name_at_an_address_that_is_not_public_is_refused_before_any_connection(address: str) -> None:
    asked: list[str] = []
    policy = FetchPolicy(resolve=lambda host, port: asked.append(host) or [address])  # type: ignore[func-returns-value]
    with pytest.raises(RefusedAddress, match="FEEDGUARD_ALLOWED_NETWORKS"):
        fetch("http://feeds.example/", policy)
    assert asked == ["feeds.example"]


def test_one_address_that_is_not_public_among_others_is_enough() -> None:
    policy = FetchPolicy(resolve=lambda host, port: ["93.184.215.14", "10.0.0.1"])
    with pytest.raises(RefusedAddress):
        fetch("http://feeds.example/", policy)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://feeds.example/", "file:///etc/passwd", "gopher://x/", "http://", "http:///x", "http://2130706433/", "http://017700000001/",
        "http://0x7f.1/", "http://127.1/", "http://user@feeds.example/", "http://feeds.example\\@127.0.0.1/", "http://a b/", "http://x\n/",
        "http://feeds.example:99999/", "//feeds.example/", "javascript:alert(1)", "http://" + "a" * 2100,
    ],
)  # fmt: skip
def test_odd_addresses_are_refused_without_asking_for_the_name(url: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    with pytest.raises(FetchError) as refused:
        fetch(url, FetchPolicy(resolve=never))
    assert refused.value.permanent


def test_a_name_that_changes_its_address_gains_nothing(wild: WildServer) -> None:
    """The peer is checked again after connecting: here the check of the name says public, the peer is not."""
    wild.put("/", "secret", "text/plain")
    answers = iter([["127.0.0.1"]])
    policy = FetchPolicy(resolve=lambda host, port: next(answers))
    with pytest.raises(RefusedAddress):
        fetch(f"http://feeds.example:{wild.port}/", policy)
    assert wild.requests == []


def test_a_redirect_to_this_machine_is_refused(wild: WildServer) -> None:
    wild.put("/secret", "secret", "text/plain")
    url = wild.put("/", "", status=302, Location=f"http://localhost:{wild.port}/secret")
    with pytest.raises(RefusedAddress):
        fetch(url, FetchPolicy.parse([], [f"127.0.0.1:{wild.port}"]))
    assert [path for path, _ in wild.requests] == ["/"]


def test_the_operator_can_allow_a_network_or_a_host_with_its_port(wild: WildServer) -> None:
    url = wild.put("/x", "ok", "text/plain")
    assert fetch(url).body == b"ok"
    assert fetch(url, FetchPolicy.parse([], [f"127.0.0.1:{wild.port}"])).body == b"ok"
    with pytest.raises(RefusedAddress):
        fetch(url, FetchPolicy.parse([], ["127.0.0.1:1"]))


@pytest.mark.parametrize(("networks", "hosts"), [(["300.0.0.0/8"], []), ([], ["example.org"])])
def test_settings_that_cannot_be_read_are_named(networks: list[str], hosts: list[str]) -> None:
    with pytest.raises(ValueError, match="FEEDGUARD_ALLOWED"):
        FetchPolicy.parse(networks, hosts)


def test_only_permanent_redirects_are_remembered(wild: WildServer) -> None:
    wild.put("/end", "ok", "text/plain")
    moved = wild.put("/moved", "", status=301, Location="/also")
    wild.put("/also", "", status=308, Location="/end")
    found = wild.put("/found", "", status=302, Location="/moved")
    assert fetch(moved).permanent_url == f"{wild.url}/end"
    assert fetch(found).permanent_url is None


def test_more_than_three_redirects_are_too_many(wild: WildServer) -> None:
    for i in range(5):
        wild.put(f"/{i}", "", status=302, Location=f"/{i + 1}")
    with pytest.raises(FetchFailed, match="3 times"):
        fetch(f"{wild.url}/0")
    assert len(wild.requests) == 4


def test_limits_of_size_time_and_type(wild: WildServer) -> None:
    with pytest.raises(TooLarge):
        fetch(wild.put("/big", b"x" * 200_000, "text/plain"))
    with pytest.raises(TooLarge):
        fetch(wild.put("/bomb", bomb(), "text/plain", Content_Encoding="gzip"))
    with pytest.raises(WrongType):
        fetch(wild.put("/picture", b"x", "image/png"))
    started = time.monotonic()
    with pytest.raises(FetchTimeout):
        fetch(wild.put("/slow", "x", "text/plain", delay=3.0), timeout_seconds=0.5)
    assert time.monotonic() - started < 2.5


def test_answers_that_a_feed_reader_needs_are_passed_on(wild: WildServer) -> None:
    assert fetch(wild.put("/gone", "", status=410)).status == 410
    assert fetch(wild.put("/wait", "", status=429, Retry_After="60")).headers["retry-after"] == "60"
    url = wild.put("/etag", "x", "text/plain", ETag='"1"')
    assert fetch(url, headers={"If-None-Match": '"1"'}).status == 304
    assert fetch(wild.put("/z", gzip.compress(b"zipped"), "text/plain", Content_Encoding="gzip")).body == b"zipped"
    with pytest.raises(FetchFailed, match="404"):
        fetch(f"{wild.url}/nothing")


def test_proxies_of_the_environment_are_ignored_and_no_cookie_is_sent(
    wild: WildServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    wild.put("/b", "ok", "text/plain")
    url = wild.put("/a", "", status=302, Location="/b", Set_Cookie="id=1")
    assert fetch(url).body == b"ok"
    assert all("cookie" not in headers for _, headers in wild.requests)
