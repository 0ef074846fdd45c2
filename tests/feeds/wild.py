"""A local server that serves feeds as they are found in the wild. All names in them are invented."""

from __future__ import annotations

import gzip
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    body: bytes
    content_type: str = "application/rss+xml"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


class WildServer:
    """Serves what was put under a path; keeps the requests. Use as a context manager."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                answer = outer.answers.get(self.path, Answer(b"not here", "text/plain", 404))
                time.sleep(answer.delay)
                etag = answer.headers.get("ETag")
                if etag and self.headers.get("If-None-Match") == etag:
                    answer = Answer(b"", status=304, headers=answer.headers)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> WildServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(
        self,
        path: str,
        body: bytes | str,
        content_type: str = "application/rss+xml",
        status: int = 200,
        delay: float = 0.0,
        **headers: str,
    ) -> str:
        """Serve this from now on; returns the whole address. Header names: underscores become hyphens."""
        raw = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = Answer(raw, content_type, status, named, delay)
        return f"{self.url}{path}"


def rss(
    items: str, title: str = "Harbour Notes", head: str = '<?xml version="1.0" encoding="utf-8"?>', version: str = "2.0"
) -> str:
    return f'{head}<rss version="{version}" xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>{title}</title><link>https://harbour.example/</link><description>d</description>{items}</channel></rss>'


def rss_item(
    number: int | str, title: str = "A title", text: str = "Some text", extra: str = "", link: str | None = None
) -> str:
    address = link if link is not None else f"https://harbour.example/{number}"
    return f"<item><guid>{number}</guid><title>{title}</title><link>{address}</link><description>{text}</description><pubDate>Mon, 04 May 2026 10:00:00 +0200</pubDate>{extra}</item>"


ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://quay.example/"><title>Quay</title><link href="/"/><id>urn:q</id><updated>2026-05-04T10:00:00Z</updated>
<entry><id>urn:1</id><title type="html">Rope &amp;amp; tar</title><link href="posts/1"/><updated>2026-05-04T10:00:00+02:00</updated><author><name>Ide</name></author><content type="html">&lt;p&gt;Long &lt;a href="posts/2"&gt;read&lt;/a&gt; &lt;img src="pic.png" alt="a rope"&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;</content></entry></feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://old.example/"><title>Old</title><link>https://old.example/</link></channel><item rdf:about="https://old.example/1"><title>One</title><link>https://old.example/1</link><dc:date>2026-05-04T10:00:00Z</dc:date></item></rdf:RDF>"""
RSS_091 = """<?xml version="1.0"?><rss version="0.91"><channel><title>Older</title><link>https://older.example/</link><item><title>First</title><link>https://older.example/1</link><description>x</description></item></channel></rss>"""
JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "Jetty", "home_page_url": "https://jetty.example/", "items": [{"id": 7, "url": "/7", "title": "Seven", "content_html": "<p>Hello <b>there</b></p>", "date_published": "2026-05-04T10:00:00+02:00", "authors": [{"name": "Ona"}], "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "duration_in_seconds": 61}]}, {"title": "no id"}]}"""
JSON_FEED_10 = """{"version": "https://jsonfeed.org/version/1", "title": "Jetty", "items": [{"id": "1", "content_text": "plain <text>", "author": {"name": "Ona"}}]}"""
ENTITY_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "'
    + "x" * 100
    + '"><!ENTITY b "&a;&a;&a;">]><rss version="2.0"><channel><title>&b;</title></channel></rss>'
)
PAGE = '<!doctype html><html><head><title>Quay</title><link rel="alternate" type="application/rss+xml" title="All" href="/feed.xml"><link rel="alternate" type="application/atom+xml" title="Comments" href="/comments.atom"></head><body><p>Hi</p></body></html>'
PAGE_WITHOUT = "<!doctype html><html><head><title>Nothing</title></head><body><p>No feed here.</p></body></html>"


def bomb(size: int = 60_000_000) -> bytes:
    """A gzip stream that unpacks to `size` bytes."""
    return gzip.compress(b"\0" * size)
