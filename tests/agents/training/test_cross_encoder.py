"""Training learns what can be learned, goes on after a cut, and loads only safe weights. On a tiny model made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.training.augmentation import Made, made_from
from agents.training.corpus import Rewording, read_corpus
from agents.training.cross_encoder import Example, TrainingError, load, score, train
from agents.training.quick import Point, learning_curve
from tests.agents.evaluation.build import sample
from tests.agents.training.build import write

pytestmark = pytest.mark.torch
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "spider", "bread", "a", "no", "in", "bath", "loaf"]


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    """A BERT of two layers, 32 wide, with a vocabulary of eleven words, saved as a hub's folder would be."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=1,
    )
    BertForSequenceClassification(config).save_pretrained(folder, safe_serialization=True)
    return str(folder)


EXAMPLES = [
    Example("no spider", f"a {thing} {'in a ' * n}bath", thing == "spider")
    for n in range(24)
    for thing in ("spider", "loaf")
]


def last(encoder: str, parts: list[list[Example]], folder: Path, **options: Any) -> tuple[Any, Any]:
    options = {"seed": 3, "progress": lambda line: None} | options
    *_, found = train(encoder, parts, folder=folder, **options)
    return found


def test_it_learns_what_can_be_learned(tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.training.cross_encoder.LEARNING_RATE", 3e-3)
    lines: list[str] = []
    tokenizer, model = last(tiny, [EXAMPLES] * 8, tmp_path, progress=lines.append)
    spider, loaf = score(tokenizer, model, EXAMPLES[:2])
    assert spider > 0.8
    assert loaf < 0.2
    assert lines


def test_a_cut_training_goes_on_and_ends_with_the_same_weights(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    class Cut(Exception):
        pass

    def cut(line: str) -> None:
        raise Cut

    monkeypatch.setattr("agents.training.cross_encoder.SAVE_EVERY", 3)
    parts = [EXAMPLES[:16], EXAMPLES[16:24], EXAMPLES[24:]]
    for _ in range(3):
        with pytest.raises(Cut):
            last(tiny, parts, tmp_path / "cut", progress=cut)
    _, resumed = last(tiny, parts, tmp_path / "cut")
    _, whole = last(tiny, parts, tmp_path / "whole")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_the_rate_is_run_down_on_a_branch_and_the_trunk_goes_on_from_before_it(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr("agents.training.cross_encoder.WARM_UP_STEPS", 1)
    monkeypatch.setattr("agents.training.cross_encoder.DECAY_SHARE", 0.5)
    halves = [EXAMPLES[:8], EXAMPLES[8:16]]
    for _ in train(tiny, halves, seed=3, folder=tmp_path / "a", progress=lambda line: None):
        pass
    first = torch.load(tmp_path / "a" / "part-1.pt", weights_only=True)
    trunk = torch.load(tmp_path / "a" / "trunk.pt", weights_only=True)
    assert first["step"] == 4
    assert first["optimizer"]["param_groups"][0]["lr"] < trunk["optimizer"]["param_groups"][0]["lr"]
    assert trunk["step"] == 4
    assert not torch.equal(first["model"]["output.weight"], trunk["model"]["output.weight"])


def test_a_claim_is_judged_alike_whatever_stands_beside_it(tiny: str) -> None:
    tokenizer, model = load(tiny, seed=1)
    item = "a spider in a bath"
    claims = [Example(claim, item, True) for claim in ("no spider", "a loaf in a bath", "bread", "no", "a loaf") * 6]
    others = [Example("no bread", "a loaf", False), Example("spider", "a bath a bath a bath a bath", False)]
    together = score(tokenizer, model, claims + others)
    alone = [score(tokenizer, model, [example])[0] for example in claims + others]
    assert together == pytest.approx(alone, abs=0.005)
    assert len(set(alone)) > 4


def test_a_folder_of_another_training_is_refused(tiny: str, tmp_path: Path) -> None:
    last(tiny, [EXAMPLES[:32]], tmp_path)
    with pytest.raises(TrainingError, match="other examples"):
        last(tiny, [EXAMPLES[:16]], tmp_path)


def test_an_encoder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="gone is no transformers folder"):
        load(str(tmp_path / "gone"), seed=1)


def test_an_encoder_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "distilbert"}')
    with pytest.raises(TrainingError, match="'distilbert': give a BERT encoder"):
        load(str(tmp_path), seed=1)


def test_weights_that_could_run_code_are_not_loaded(tiny: str, tmp_path: Path) -> None:
    import torch

    weights = Path(tiny) / "model.safetensors"
    torch.save({"x": torch.zeros(1)}, Path(tiny) / "pytorch_model.bin")
    weights.unlink()
    with pytest.raises(OSError, match="safetensors"):
        last(tiny, [EXAMPLES], tmp_path)


def test_the_curve_has_a_point_a_share_and_measures_what_was_held_out(tiny: str, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    items = [{"id": f"i{n}", "family": "pets", "category": "ordinary", "source": "", "author": "", "title": "", "text": text, "facts": {"act": ["tell"], "feeling": ["none"], "form": ["story"], "stance": ["uses"], "subject": ["x"]}} for n in range(60) for text in [("a spider" if n % 2 else "a loaf")]]  # fmt: skip
    statements = [{"item": i["id"], "statement": "a spider", "holds": "spider" in i["text"], "span": "spider" if "spider" in i["text"] else ""} for i in items]  # fmt: skip
    pairs = [{"wish": "w1", "item": i["id"], "label": "hide", "because": ["spider"]} if "spider" in i["text"] else {"wish": "w1", "item": i["id"], "label": "show", "fails": [1]} for i in items]  # fmt: skip
    write(folder, items=items, statements=statements, pairs=pairs)
    dev = [
        sample(n, item={"text": "a spider" if n % 2 else "a loaf"}, label="hide" if n % 2 else "show") for n in range(8)
    ]
    corpus = read_corpus(folder)

    def curve(made: Made | None, name: str) -> list[Point]:
        options = {"encoder": tiny, "shares": [50, 100], "folder": tmp_path / name, "progress": lambda line: None}
        return list(learning_curve(corpus, dev, made=made, **options))  # type: ignore[arg-type]

    points, augmented = (
        curve(None, "written"),
        curve(made_from(corpus, [Rewording(wish="w1", say="spiders? no")]), "made"),
    )
    assert augmented[1].examples > 2 * points[1].examples
    assert augmented[1].areas.keys() == points[1].areas.keys()
    assert [point.share for point in points] == [50, 100]
    assert points[0].examples < points[1].examples < 120
    assert set(points[1].areas) == {
        "dev, adversarial",
        "dev, use_mention",
        "dev, counterfactual",
        "dev, ordinary",
        "held-out statements",
        "held-out pairs",
    }
    assert points[1].areas["dev, adversarial"] is not None
    assert points[1].areas["dev, counterfactual"] is None
