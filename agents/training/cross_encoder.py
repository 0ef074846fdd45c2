"""A cross-encoder: reads a claim (a wish or a statement) together with an item and says how likely it holds.

A BERT encoder with one linear output over the first token (Nogueira and Cho, 2019), trained with binary cross-entropy.
One pass gives a model for each part of the examples: the learning rate stays up along a trunk, and at the end of each
part it is run down on a branch (warm-up, stable, decay: Hägele et al., 2024), so that a learning curve costs little
more than its last point. Training saves where it stands and goes on after it was cut off. Needs the extra `train`.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_TOKENS = 160
BATCH = 16
LEARNING_RATE = 5e-5
WARM_UP_STEPS = 100
DECAY_SHARE = 0.1
"""The share of the steps so far over which the learning rate is run down at the end of a part."""
SAVE_EVERY = 100
WINDOW = 50
"""Batches are made of texts of similar length within windows of so many batches, which saves padding."""


class CheckpointError(Exception):
    """The folder holds a training on other examples or of another encoder."""


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
    parts: Sequence[Sequence[Example]],
    *,
    seed: int,
    folder: Path,
    progress: Callable[[str], None],
) -> Iterator[tuple[Any, Any]]:
    """Fine-tune on one part after the other; yields (tokenizer, model) as it is after each, all parts so far seen.

    It is the same model every time and learns on after the yield. What the folder holds of this training is not done
    again. Errors: `CheckpointError` where the folder holds another one.
    """
    course = _Course(encoder, parts, seed, progress)
    for number, end in enumerate(course.ends, 1):
        branch = end - max(1, round(end * DECAY_SHARE))
        course.go(branch, folder / "trunk.pt", _up)
        course.go(end, folder / f"part-{number}.pt", lambda step, a=branch, b=end: (b - step) / (b - a))  # type: ignore[misc]
        yield course.tokenizer, course.model


def score(tokenizer: Any, model: Any, examples: Sequence[Example]) -> list[float]:
    """How likely each claim holds, 0 to 1, one example at a time in effect: padding is masked."""
    import torch

    model.eval()
    order = sorted(range(len(examples)), key=lambda i: _length(examples[i]))
    found = [0.0] * len(examples)
    with torch.inference_mode(), _half_precision():
        for start in range(0, len(order), 32):
            places = order[start : start + 32]
            logits = model(**_tokens(tokenizer, [examples[i] for i in places])).logits.squeeze(-1)
            for place, value in zip(places, torch.sigmoid(logits.float()).tolist(), strict=True):
                found[place] = float(value)
    return found


class _Course:
    """Model, optimizer and the step at which they stand, over the batches of all parts in their order."""

    def __init__(
        self, encoder: str, parts: Sequence[Sequence[Example]], seed: int, progress: Callable[[str], None]
    ) -> None:
        import torch

        self.tokenizer, self.model = load(encoder, seed)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=LEARNING_RATE, weight_decay=0.01, fused=True)
        self.batches: list[list[Example]] = []
        self.ends: list[int] = []
        for number, part in enumerate(parts):
            self.batches += _batches(part, seed + number)
            self.ends.append(len(self.batches))
        self.seed, self.step, self.progress = seed, 0, progress
        self.mark = hashlib.sha256(repr((encoder, seed, parts)).encode()).hexdigest()

    def go(self, to: int, file: Path, rate: Callable[[int], float]) -> None:
        """Learn up to this step, from where the file stands, or from where the course stands if there is none yet."""
        if file.exists():
            self._load(file)
        else:
            self._save(file)
        self.model.train()
        while self.step < to:
            loss = self._learn(self.batches[self.step], rate(self.step))
            self.step += 1
            if self.step % SAVE_EVERY == 0 or self.step == to:
                self._save(file)
                self.progress(f"{file.stem}, step {self.step} of {self.ends[-1]}, loss {loss:.3f}")

    def _learn(self, batch: Sequence[Example], rate: float) -> float:
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits

        torch.manual_seed(self.seed + self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = LEARNING_RATE * rate
        wanted = torch.tensor([float(example.holds) for example in batch])
        with _half_precision():
            logits = self.model(**_tokens(self.tokenizer, batch)).logits.squeeze(-1)
        loss = binary_cross_entropy_with_logits(logits.float(), wanted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return float(loss.item())

    def _save(self, file: Path) -> None:
        import torch

        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".partial")
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save({**state, "step": self.step, "mark": self.mark}, part)
        part.replace(file)

    def _load(self, file: Path) -> None:
        import torch

        state = torch.load(file, weights_only=True)
        if state.get("mark") != self.mark:
            raise CheckpointError(f"{file} is from a training on other examples: give another folder, or delete it")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = int(state["step"])


def _up(step: int) -> float:
    return min(1.0, (step + 1) / WARM_UP_STEPS)


def _half_precision() -> Any:
    """Matrix products in bfloat16 where the processor has them (twice as fast); weights and loss stay in float32."""
    import torch

    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.ops.mkldnn._is_mkldnn_bf16_supported())


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
