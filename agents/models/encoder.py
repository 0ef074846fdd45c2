"""A sentence encoder: bge-small-en-v1.5 (33M parameters, 8-bit weights), by ONNX Runtime on the CPU.

Each text is encoded by itself, without padding, because the activations' quantisation range is taken over the whole
input: in a batch, a text's vector would depend on its neighbours.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent.parent / "weights" / "bge-small-en-v1.5"
MAX_TOKENS = 256
WIDTH = 384
Vectors = NDArray[np.float32]


class Encoder:
    """Texts to unit vectors; their dot product is their cosine similarity. Deterministic, safe with threads."""

    version = "bge-small-en-v1.5-int8-1"

    def __init__(self, folder: Path = WEIGHTS) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None
        self._vector = lru_cache(maxsize=20_000)(self._encode)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """An array (len(texts), 384) of unit vectors."""
        if not texts:
            return np.zeros((0, WIDTH), dtype=np.float32)
        return np.stack([self._vector(text) for text in texts])

    def _encode(self, text: str) -> Vectors:
        tokenizer, session = self._parts()
        tokens = tokenizer.encode(text)
        given = {
            "input_ids": tokens.ids,
            "attention_mask": tokens.attention_mask,
            "token_type_ids": tokens.type_ids,
        }
        names = {node.name for node in session.get_inputs()}
        feed = {name: np.array([ids], dtype=np.int64) for name, ids in given.items() if name in names}
        first: Vectors = session.run(None, feed)[0][0][0]
        return first / np.float32(np.linalg.norm(first))

    def _parts(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> tuple[Any, Any]:
        import onnxruntime
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.enable_truncation(MAX_TOKENS)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            str(self._folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        return tokenizer, session


@cache
def encoder() -> Encoder:
    """This process's encoder."""
    return Encoder()
