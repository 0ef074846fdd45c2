"""The corpus is read strictly, keeps away from the benchmark, and gives no label away by its style."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from agents.evaluation.baselines import shown_words
from agents.evaluation.metrics import Arrays, area_under_curve
from agents.evaluation.samples import read_samples
from agents.training.corpus import Corpus, CorpusError, read_corpus
from tests.agents.training.build import FACTS, ITEM, PAIR, STATEMENT, WISH, write

BENCHMARK = Path(__file__).parents[2] / "data" / "benchmark"


def changed(line: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {**line, **values}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"items": ["{"]}, r"items\.jsonl\.gz, line 1: not JSON"),
        ({"items": [changed(ITEM, facts=changed(FACTS, act=["yodel"]))]}, r"items\.jsonl\.gz, line 1, facts\.act\.0"),
        ({"items": [changed(ITEM, colour="red")]}, r"line 1, colour"),
        ({"items": [ITEM, ITEM]}, r"line 2, id"),
        ({"wishes": [changed(WISH, elements=[])]}, r"wishes\.jsonl\.gz, line 1, elements"),
        ({"statements": [changed(STATEMENT, span="a toy")]}, r"statements\.jsonl\.gz, line 1, span"),
        ({"statements": [changed(STATEMENT, item="i9")]}, r"line 1, item: there is no item"),
        ({"statements": [changed(STATEMENT, holds=False)]}, r"line 1, span"),
        ({"pairs": [changed(PAIR, wish="w9")]}, r"pairs\.jsonl\.gz, line 1, wish: there is no wish"),
        ({"pairs": [changed(PAIR, item="i9")]}, r"line 1, item: there is no item"),
        ({"pairs": [changed(PAIR, because=["a toy"])]}, r"line 1, because"),
        ({"pairs": [changed(PAIR, because=[])]}, r"line 1, label"),
        ({"pairs": [changed(PAIR, label="show", because=[], fails=[2])]}, r"line 1, fails"),
        ({"pairs": [changed(PAIR, label="show", because=[], exception=2)]}, r"line 1, exception"),
        ({"pairs": [changed(PAIR, label="show", because=[])]}, r"line 1, fails"),
        ({"pairs": [PAIR, PAIR]}, r"line 2, wish"),
    ],
)
def test_a_bad_line_is_refused_with_file_line_and_field(tmp_path: Path, files: dict[str, Any], said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        read_corpus(write(tmp_path, **files))


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "pairs.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(CorpusError, match=r"pairs\.jsonl\.gz: cannot be read"):
        read_corpus(tmp_path)


def test_a_good_corpus_is_read_whole(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path))
    assert (list(corpus.wishes), list(corpus.items)) == (["w1"], ["i1"])
    assert corpus.items["i1"].words == "A spider sat in the bath"
    assert corpus.wishes["w1"].said == "no spiders, toys are fine"
    assert (len(corpus.statements), len(corpus.pairs)) == (1, 1)


def test_what_stands_or_is_seen_in_the_picture_and_what_was_said_later_belong_to_it(tmp_path: Path) -> None:
    item = changed(ITEM, title="Look", text="", printed="HALF PRICE", shows="A photograph of a spider")
    statement = changed(STATEMENT, span="a spider")
    pair = changed(PAIR, because=["HALF PRICE"])
    wish = changed(WISH, later=["toys too"])
    corpus = read_corpus(write(tmp_path, items=[item], statements=[statement], pairs=[pair], wishes=[wish]))
    assert corpus.items["i1"].words == "Look\nHALF PRICE\nA photograph of a spider"
    assert corpus.wishes["w1"].said == "no spiders, toys are fine toys too"


@cache
def corpus() -> Corpus:
    return read_corpus()


@cache
def benchmark() -> tuple[set[str], list[str]]:
    """(wishes, texts) of the benchmark, lower case."""
    samples = list(read_samples([BENCHMARK / "dev.jsonl", BENCHMARK / "test.jsonl"]))
    return {s.preference.strip().lower() for s in samples}, sorted({shown_words(s) for s in samples})


def test_no_wish_is_shared_with_the_benchmark() -> None:
    assert not {wish.say.strip().lower() for wish in corpus().wishes.values()} & benchmark()[0]


def test_no_item_is_like_one_of_the_benchmark_and_none_of_one_family_like_another() -> None:
    """Cosine of TF-IDF vectors over words and their neighbours."""
    items = list(corpus().items.values())
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(
        [item.words for item in items] + benchmark()[1]
    )
    own, theirs = vectors[: len(items)], vectors[len(items) :]
    assert (own @ theirs.T).max() < 0.9
    families = defaultdict(list)
    for place, item in enumerate(items):
        families[item.family].append(place)
    for places in families.values():
        likeness = (own[places] @ own[places].T).toarray()
        np.fill_diagonal(likeness, 0)
        assert likeness.max() < 0.8


def test_no_five_words_open_more_than_three_items() -> None:
    openings = Counter(" ".join((i.text or i.title).lower().split()[:5]) for i in corpus().items.values())
    assert max(openings.values()) <= 3


def _seen_alone(texts: list[str], labels: list[bool], held_out: list[bool]) -> float:
    """Area under the ROC curve, on what is held out, of a classifier that sees these texts alone."""
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2),
    )
    model = make_pipeline(features, LogisticRegression(C=3.0, max_iter=1000, class_weight="balanced"))
    train = [place for place, held in enumerate(held_out) if not held]
    test = [place for place, held in enumerate(held_out) if held]
    model.fit([texts[place] for place in train], [labels[place] for place in train])
    scores = model.predict_proba([texts[place] for place in test])[:, 1]
    found = area_under_curve(Arrays(np.array([labels[place] for place in test]), scores >= 0.5, scores, scores))
    assert found is not None
    return found


def test_labels_of_pairs_cannot_be_read_off_the_item_or_the_wish() -> None:
    near = [pair for pair in corpus().pairs if not pair.far]
    labels = [pair.label == "hide" for pair in near]
    held_out = [corpus().items[pair.item].held_out for pair in near]
    assert _seen_alone([corpus().items[pair.item].words for pair in near], labels, held_out) < 0.65
    assert _seen_alone([corpus().wishes[pair.wish].said for pair in near], labels, held_out) < 0.65


def test_whether_a_statement_holds_cannot_be_read_off_the_statement() -> None:
    statements = corpus().statements
    labels = [statement.holds for statement in statements]
    held_out = [corpus().items[statement.item].held_out for statement in statements]
    assert 0.4 < sum(labels) / len(labels) < 0.6
    assert _seen_alone([statement.statement for statement in statements], labels, held_out) < 0.65


def test_there_is_as_much_as_the_datasheet_says() -> None:
    whole = corpus()
    assert len({item.family for item in whole.items.values()}) >= 40
    assert len(whole.wishes) >= 600
    assert len(whole.items) >= 5_000
    assert len(whole.statements) >= 40_000
    assert sum(not pair.far for pair in whole.pairs) >= 20_000
