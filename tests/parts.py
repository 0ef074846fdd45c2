"""Parts of the machine that some tests need. `make test REQUIRE=a,b` makes the lack of one a failure."""

from __future__ import annotations

import importlib.util
import os
import shutil
from functools import cache

from tests import servers
from tests.neo4j import server

PARTS = ("chromium", "curl", "neo4j", "postgres", "redis", "torch")


def required() -> frozenset[str]:
    named = frozenset(os.environ.get("FEEDGUARD_TEST_REQUIRE", "").replace(",", " ").split())
    unknown = named - set(PARTS)
    if unknown:
        raise SystemExit(f"REQUIRE names unknown parts: {', '.join(sorted(unknown))}. Known: {', '.join(PARTS)}.")
    return named


def chromium() -> str:
    """The path of Chromium, or an empty string."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""


@cache
def available(part: str) -> str:
    """Why a part cannot be used; empty where it can."""
    lacking = {"neo4j": server.lacking, "postgres": servers.postgres_lacking, "redis": servers.redis_lacking}
    if part in lacking:
        return lacking[part]()
    if part == "torch":
        found = all(importlib.util.find_spec(name) for name in ("torch", "transformers"))
        return "" if found else "no torch and transformers (make train-tools)"
    return {
        "chromium": "" if chromium() else "no Chromium on the path (Debian: apt install chromium)",
        "curl": "" if shutil.which("curl") else "no curl on the path (Debian: apt install curl)",
    }[part]
