"""A cross-encoder: reads an item together with claims about it (wishes, statements), and says how likely each holds.

A BERT encoder with one linear output over the first token of each claim, trained with binary cross-entropy (Nogueira and
Cho, 2019). The claims about an item stand behind it in one sequence: each sees the item and itself, the item sees itself
alone, and positions count as if a claim stood there alone; so the item is read once for all of its claims, which costs a
third of reading it with each (the lower layers of DeFormer, Cao et al., 2020, taken to the top).

One course gives a model for each part of the examples: the learning rate stays up along a trunk, and at the end of each
part it is run down on a branch (warm-up, stable, decay: Hägele et al., 2024), so that a learning curve costs little
more than its last point. Training saves where it stands and goes on after it was cut off. Needs the extra `train`.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_ITEM_TOKENS = 160
MAX_CLAIM_TOKENS = 96
MAX_CLAIMS = 24
"""More claims about one item make a second sequence."""
BATCH = 4
PASSES = 2
LEARNING_RATE = 1e-4
WARM_UP_STEPS = 100
DECAY_SHARE = 0.1
"""The share of the steps so far over which the learning rate is run down at the end of a part."""
SAVE_EVERY = 50
WINDOW = 50
"""Batches are made of sequences of similar length within windows of so many batches, which saves padding."""


class TrainingError(Exception):
    """Training cannot begin or go on; the message says why and what to do."""


@dataclass(frozen=True)
class Example:
    """A claim about an item, and whether it holds."""

    claim: str
    item: str
    holds: bool


def load(encoder: str, seed: int) -> tuple[Any, Any]:
    """(tokenizer, model) with a new output layer, from a folder or a hub's name; weights as safetensors alone."""
    import torch
    from transformers import AutoConfig, AutoTokenizer, BertModel

    try:
        kind = AutoConfig.from_pretrained(encoder, trust_remote_code=False).model_type
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(
            f"{encoder} is no transformers folder, nor a hub's name that can be reached: {reason}"
        ) from None
    if kind != "bert":
        raise TrainingError(f"{encoder} is of the kind {kind!r}: give a BERT encoder")
    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(encoder, trust_remote_code=False)
    bert = BertModel.from_pretrained(
        encoder,
        add_pooling_layer=False,
        attention_probs_dropout_prob=0.0,
        trust_remote_code=False,
        use_safetensors=True,
    )
    return tokenizer, torch.nn.ModuleDict({"bert": bert, "output": torch.nn.Linear(bert.config.hidden_size, 1)})


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
    again. Errors: `TrainingError` where the folder holds another one, or the encoder is none that can be trained.
    """
    course = _Course(encoder, parts, seed, progress)
    for number, end in enumerate(course.ends, 1):
        branch = end - max(1, round(end * DECAY_SHARE))
        course.go(branch, folder / "trunk.pt", _up)
        course.go(end, folder / f"part-{number}.pt", lambda step, a=branch, b=end: (b - step) / (b - a))  # type: ignore[misc]
        yield course.tokenizer, course.model


def score(tokenizer: Any, model: Any, examples: Sequence[Example]) -> list[float]:
    """How likely each claim holds, 0 to 1, whatever else is scored with it."""
    import torch

    model.eval()
    places: dict[Example, list[int]] = defaultdict(list)
    for place, example in enumerate(examples):
        places[example].append(place)
    found = [0.0] * len(examples)
    groups = sorted(_groups(list(places)), key=_length)
    with torch.inference_mode():
        for start in range(0, len(groups), BATCH):
            batch = groups[start : start + BATCH]
            values = torch.sigmoid(_logits(tokenizer, model, batch)).tolist()
            for example, value in zip((example for group in batch for example in group), values, strict=True):
                for place in places[example]:
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
        self.batches: list[list[list[Example]]] = []
        self.ends: list[int] = []
        for number, part in enumerate(parts):
            for turn in range(PASSES):
                self.batches += _batches(part, seed + PASSES * number + turn)
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

    def _learn(self, batch: Sequence[Sequence[Example]], rate: float) -> float:
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits

        torch.manual_seed(self.seed + self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = LEARNING_RATE * rate
        wanted = torch.tensor([float(example.holds) for group in batch for example in group])
        loss: Any = binary_cross_entropy_with_logits(_logits(self.tokenizer, self.model, batch), wanted)
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
            raise TrainingError(f"{file} is from a training on other examples: give another folder, or delete it")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = int(state["step"])


def _up(step: int) -> float:
    return min(1.0, (step + 1) / WARM_UP_STEPS)


def _half_precision() -> Any:
    """Matrix products in bfloat16 where the processor has them (a step took 1.05 s instead of 1.75); weights and loss stay in float32."""
    import torch

    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _logits(tokenizer: Any, model: Any, batch: Sequence[Sequence[Example]]) -> Any:
    """One number a claim, in the order of the batch: float32 of shape (claims,)."""
    import torch

    sequences = [_sequence(tokenizer, group) for group in batch]
    longest = max(len(sequence) for sequence in sequences)
    # Four numbers a token: its id, its place, which text it belongs to (0: the item, -1: padding), whether it is read out.
    table = torch.tensor([[*sequence, *[(0, 0, -1, 0)] * (longest - len(sequence))] for sequence in sequences])
    ids, places, texts, read_out = table.unbind(-1)
    sees = (texts[:, None, :] == texts[:, :, None]) | (texts[:, None, :] == 0)
    with _half_precision():
        hidden = model["bert"](
            input_ids=ids, position_ids=places, token_type_ids=(texts > 0).long(), attention_mask=sees[:, None]
        ).last_hidden_state
        return model["output"](hidden[read_out == 1]).squeeze(-1).float()


def _sequence(tokenizer: Any, group: Sequence[Example]) -> list[tuple[int, int, int, int]]:
    item = tokenizer(group[0].item, truncation=True, max_length=MAX_ITEM_TOKENS)["input_ids"]
    found = [(token, place, 0, 0) for place, token in enumerate(item)]
    claims = tokenizer([example.claim for example in group], truncation=True, max_length=MAX_CLAIM_TOKENS)["input_ids"]
    for number, claim in enumerate(claims, 1):
        found += [(token, len(item) + place, number, int(place == 0)) for place, token in enumerate(claim)]
    return found


def _groups(examples: Sequence[Example]) -> list[list[Example]]:
    """Examples of the same item together, in their order, at most MAX_CLAIMS in a group."""
    by_item: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_item[example.item].append(example)
    return [all_of[i : i + MAX_CLAIMS] for all_of in by_item.values() for i in range(0, len(all_of), MAX_CLAIMS)]


def _length(group: Sequence[Example]) -> int:
    return len(group[0].item) + sum(len(example.claim) for example in group)


def _batches(examples: Sequence[Example], seed: int) -> Iterator[list[list[Example]]]:
    generator = random.Random(seed)
    shuffled = list(examples)
    generator.shuffle(shuffled)
    groups = _groups(shuffled)
    size = BATCH * WINDOW
    for start in range(0, len(groups), size):
        window = sorted(groups[start : start + size], key=_length)
        batches = [window[i : i + BATCH] for i in range(0, len(window), BATCH)]
        generator.shuffle(batches)
        yield from batches
