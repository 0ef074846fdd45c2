"""A cross-encoder: reads a claim (a wish or a statement) together with an item and says how likely it holds.

A BERT encoder with one linear output over the first token (Nogueira and Cho, 2019), trained with binary cross-entropy.
Training saves where it stands, so that it can go on after it was cut off. Needs the extra `train`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_TOKENS = 160
BATCH = 16
LEARNING_RATE = 5e-5
WARM_UP_SHARE = 0.06
SAVE_EVERY = 100
WINDOW = 50
"""Batches are made of texts of similar length within windows of so many batches, which saves padding."""


@dataclass(frozen=True)
class Example:
    """A claim about an item, and whether it holds."""

    claim: str
    item: str
    holds: bool


def load(encoder: str, seed: int) -> tuple[Any, Any]:
    """(tokenizer, model) with a new output layer, from a folder or a hub's name; weights as safetensors alone."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(encoder, trust_remote_code=False)
    model = AutoModelForSequenceClassification.from_pretrained(
        encoder, num_labels=1, trust_remote_code=False, use_safetensors=True
    )
    return tokenizer, model


def train(
    encoder: str,
    examples: Sequence[Example],
    *,
    seed: int,
    epochs: int,
    checkpoint: Path,
    progress: Callable[[str], None],
) -> tuple[Any, Any]:
    """Fine-tune on these examples, going on from the checkpoint where there is one. Returns (tokenizer, model)."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    tokenizer, model = load(encoder, seed)
    steps = epochs * len(list(_batches(examples, 0)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _warm_up_and_down(step, steps))
    done = _resume(checkpoint, model, optimizer, schedule)
    model.train()
    order = [batch for epoch in range(epochs) for batch in _batches(examples, seed + epoch)]
    for step, batch in enumerate(order):
        if step < done:
            continue
        torch.manual_seed(seed + step)
        given = _tokens(tokenizer, batch)
        wanted = torch.tensor([float(example.holds) for example in batch])
        loss = binary_cross_entropy_with_logits(model(**given).logits.squeeze(-1), wanted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == len(order):
            _save(checkpoint, model, optimizer, schedule, step + 1)
            progress(f"step {step + 1} of {len(order)}, loss {loss.item():.3f}")
    return tokenizer, model


def score(tokenizer: Any, model: Any, examples: Sequence[Example]) -> list[float]:
    """How likely each claim holds, 0 to 1, one example at a time in effect: padding is masked."""
    import torch

    model.eval()
    order = sorted(range(len(examples)), key=lambda i: _length(examples[i]))
    found = [0.0] * len(examples)
    with torch.inference_mode():
        for start in range(0, len(order), 32):
            places = order[start : start + 32]
            logits = model(**_tokens(tokenizer, [examples[i] for i in places])).logits.squeeze(-1)
            for place, value in zip(places, torch.sigmoid(logits).tolist(), strict=True):
                found[place] = float(value)
    return found


def _warm_up_and_down(step: int, steps: int) -> float:
    warm = max(1, int(steps * WARM_UP_SHARE))
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))


def _tokens(tokenizer: Any, batch: Sequence[Example]) -> Any:
    return tokenizer(
        [example.claim for example in batch],
        [example.item for example in batch],
        truncation=True,
        max_length=MAX_TOKENS,
        padding=True,
        return_tensors="pt",
    )


def _length(example: Example) -> int:
    return len(example.claim) + len(example.item)


def _batches(examples: Sequence[Example], seed: int) -> Iterator[list[Example]]:
    generator = random.Random(seed)
    shuffled = list(examples)
    generator.shuffle(shuffled)
    size = BATCH * WINDOW
    for start in range(0, len(shuffled), size):
        window = sorted(shuffled[start : start + size], key=_length)
        batches = [window[i : i + BATCH] for i in range(0, len(window), BATCH)]
        generator.shuffle(batches)
        yield from batches


def _save(path: Path, model: Any, optimizer: Any, schedule: Any, step: int) -> None:
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()}
    torch.save({**state, "step": step}, part)
    part.replace(path)


def _resume(path: Path, model: Any, optimizer: Any, schedule: Any) -> int:
    import torch

    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return int(state["step"])
