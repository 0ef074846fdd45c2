"""A local server that speaks the Google Reader API, as FreshRSS's source and Miniflux's own description have it.

FreshRSS: under /api/greader.php, a GET or POST is signed by the Authorization header, ids are decimal or long.
Miniflux: at the root; a GET is signed by the header alone, a POST by its T field alone; `output=json` is demanded;
what it does not know is answered with `[]`. Both list ids in decimal and contents in long form.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "alice", "reader pass & word"
READ = "user/-/state/com.google/read"


class OwnReader:
    """A reader with items that the test puts there. Use as a context manager."""

    def __init__(self, flavour: str = "freshrss") -> None:
        self.miniflux = flavour == "miniflux"
        self.base = "" if self.miniflux else "/api/greader.php"
        self.token = f"{USER}/5f4dcc3b5aa7"
        self.action_token = self.token if self.miniflux else "5f4dcc3b5aa7".ljust(57, "Z")
        self.items: dict[int, dict[str, str]] = {}
        self.read: set[int] = set()
        self.requests: list[tuple[str, str, dict[str, list[str]]]] = []
        self.fail_next = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._serve(self, "GET")

            def do_POST(self) -> None:
                outer._serve(self, "POST")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> OwnReader:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, number: int, url: str, title: str) -> int:
        """An unread item; FreshRSS numbers them by microseconds, Miniflux from 1."""
        key = number if self.miniflux else 1_777_888_999_000_000 + number
        self.items[key] = {"url": url, "title": title}
        return key

    @property
    def unread_titles(self) -> set[str]:
        return {item["title"] for key, item in self.items.items() if key not in self.read}

    def _serve(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        parts = urlsplit(handler.path)
        fields = parse_qs(handler.rfile.read(length).decode() if method == "POST" else parts.query)
        path = parts.path.removeprefix(self.base)
        self.requests.append((method, path, fields))
        status, kind, body = self._answer(method, path, fields, dict(handler.headers.items()))
        if self.fail_next:
            self.fail_next -= 1
            status, body = 500, "broken"
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    def _answer(
        self, method: str, path: str, fields: Mapping[str, list[str]], headers: Mapping[str, str]
    ) -> tuple[int, str, Any]:
        if path == "/accounts/ClientLogin":
            if fields.get("Email") == [USER] and fields.get("Passwd") == [PASSWORD]:
                return 200, "text/plain", f"SID={self.token}\nLSID=null\nAuth={self.token}\n"
            return 401, "text/plain", "Unauthorized!"
        signed = headers.get("Authorization") == f"GoogleLogin auth={self.token}"
        if self.miniflux and method == "POST":
            signed = fields.get("T") == [self.token]
        if not signed:
            return 401, "text/plain", "Unauthorized"
        return self._api(method, path.removeprefix("/reader/api/0"), fields)

    def _api(self, method: str, path: str, fields: Mapping[str, list[str]]) -> tuple[int, str, Any]:
        if (method, path) == ("GET", "/token"):
            return 200, "text/plain", f"{self.action_token}\n"
        if (method, path) == ("GET", "/stream/items/ids"):
            assert fields["output"] == ["json"]
            assert (fields["s"], fields["xt"]) == (["user/-/state/com.google/reading-list"], [READ])
            return 200, "application/json", self._ids(fields)
        if (method, path) == ("POST", "/stream/items/contents"):
            assert fields["output"] == ["json"]
            return 200, "application/json", {"items": [self._item(self._number(i)) for i in fields["i"]]}
        if (method, path) == ("POST", "/edit-tag"):
            if fields["T"] != [self.action_token]:
                return 401, "text/plain", "Unauthorized!"
            numbers = {self._number(i) for i in fields["i"]}
            self.read = self.read | numbers if fields.get("a") == [READ] else self.read - numbers
            return 200, "text/plain", "OK"
        return (200, "application/json", []) if self.miniflux else (400, "text/plain", "Bad Request!")

    def _ids(self, fields: Mapping[str, list[str]]) -> dict[str, Any]:
        unread = sorted((key for key in self.items if key not in self.read), reverse=True)
        size = min(int(fields["n"][0]), 3)  # small pages, so that continuations are followed
        after = int(fields["c"][0]) if "c" in fields else None
        if self.miniflux:
            start = after or 0
            page = unread[start : start + size]
            more = start + size if start + size < len(unread) else None
        else:
            page = [key for key in unread if after is None or key < after][:size]
            more = page[-1] if len(page) >= size else None
        found: dict[str, Any] = {"itemRefs": [{"id": str(key)} for key in page]}
        return found | ({"continuation": str(more)} if more else {})

    def _number(self, raw: str) -> int:
        prefix = "tag:google.com,2005:reader/item/"
        assert raw.startswith(prefix)
        assert len(raw) == len(prefix) + 16
        return int(raw.removeprefix(prefix), 16)

    def _item(self, key: int) -> dict[str, Any]:
        item = self.items[key]
        found = {
            "id": f"tag:google.com,2005:reader/item/{key:016x}",
            "title": item["title"],
            "alternate": [{"href": item["url"]}],
            "summary": {"content": "<p>…</p>"},
            "categories": ["user/-/state/com.google/reading-list"],
            "origin": {"streamId": "feed/1", "title": "Harbour Notes"},
        }
        return found | ({"canonical": [{"href": item["url"]}]} if self.miniflux else {})
