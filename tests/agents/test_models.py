"""Adapters of models."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agents.errors import ModelUnavailable
from agents.models.chat import chat_model


def test_a_chat_model_asks_the_configured_address_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a key of somebody else")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/nowhere")
    asked: list[tuple[str, str, dict[str, object]]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, self.headers["Authorization"], body))
            message = {"role": "assistant", "content": "yes"}
            answer = json.dumps(
                {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
            ).encode()  # fmt: skip
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        chat = chat_model("openai:small", base_url=f"http://127.0.0.1:{server.server_port}/v1", key="ours")
        assert chat.invoke("well?").content == "yes"
    finally:
        server.shutdown()
        server.server_close()
    ((path, authorization, body),) = asked
    assert (path, authorization) == ("/v1/chat/completions", "Bearer ours")
    assert body["model"] == "small"
    assert body["temperature"] == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("small", "provider:model"),
        ("nobody:x", "provider one of"),
        ("openai:x", "FEEDGUARD_LLM_KEY"),
        ("ollama:x", "extra"),
    ],
)
def test_a_model_that_cannot_be_made_says_why(name: str, said: str) -> None:
    with pytest.raises(ModelUnavailable, match=said):
        chat_model(name)
