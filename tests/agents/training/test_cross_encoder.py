"""Training learns what can be learned, goes on after a cut, and loads only safe weights. On a tiny model made here."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.training.corpus import read_corpus
from agents.training.cross_encoder import Example, score, train
from agents.training.quick import learning_curve
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


EXAMPLES = [Example("no spider", "a spider in a bath", True), Example("no spider", "a loaf", False)] * 60


def test_it_learns_what_can_be_learned(tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.training.cross_encoder.LEARNING_RATE", 3e-3)
    lines: list[str] = []
    tokenizer, model = train(tiny, EXAMPLES, seed=1, epochs=15, checkpoint=tmp_path / "c.pt", progress=lines.append)
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

    monkeypatch.setattr("agents.training.cross_encoder.SAVE_EVERY", 5)
    options = {"seed": 3, "epochs": 3}
    with pytest.raises(Cut):
        train(tiny, EXAMPLES, checkpoint=tmp_path / "c.pt", progress=cut, **options)  # type: ignore[arg-type]
    _, resumed = train(tiny, EXAMPLES, checkpoint=tmp_path / "c.pt", progress=lambda line: None, **options)  # type: ignore[arg-type]
    _, whole = train(tiny, EXAMPLES, checkpoint=tmp_path / "d.pt", progress=lambda line: None, **options)  # type: ignore[arg-type]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_weights_that_could_run_code_are_not_loaded(tiny: str, tmp_path: Path) -> None:
    import torch

    weights = Path(tiny) / "model.safetensors"
    torch.save({"x": torch.zeros(1)}, Path(tiny) / "pytorch_model.bin")
    weights.unlink()
    with pytest.raises(OSError, match="safetensors"):
        train(tiny, EXAMPLES, seed=1, epochs=1, checkpoint=tmp_path / "c.pt", progress=lambda line: None)


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
    points = list(
        learning_curve(
            read_corpus(folder),
            dev,
            encoder=tiny,
            shares=[50, 100],
            epochs=1,
            folder=tmp_path,
            progress=lambda line: None,
        )
    )
    assert [point.share for point in points] == [50, 100]
    assert points[0].examples < points[1].examples < 120
    assert set(points[1].areas) == {
        "dev, adversarial",
        "dev, counterfactual",
        "dev, ordinary",
        "held-out statements",
        "held-out pairs",
    }
    assert points[1].areas["dev, adversarial"] is not None
    assert points[1].areas["dev, counterfactual"] is None
