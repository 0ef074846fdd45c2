"""The shipped benchmark is what its datasheet says: counts, split, counterfactual wishes, and no way to read labels off
the style of either half."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

from agents.evaluation import baselines
from agents.evaluation.baselines import Judgement, as_rows, said, shown_words
from agents.evaluation.metrics import ADVERSARIAL, Arrays, area_under_curve, part_of
from agents.evaluation.samples import Sample, read_samples

FOLDER = Path(__file__).parents[2] / "data" / "benchmark"


@cache
def split(name: str) -> tuple[Sample, ...]:
    return tuple(read_samples([FOLDER / f"{name}.jsonl"]))


def everything() -> tuple[Sample, ...]:
    return split("dev") + split("test")


def area(samples: tuple[Sample, ...], judgement: Judgement, *parts: str) -> float:
    rows = [row for row in as_rows(samples, judgement) if part_of(row.category) in parts]
    found = area_under_curve(Arrays.of(rows))
    assert found is not None
    return found


def test_an_id_stands_once_in_both_files() -> None:
    assert len(list(read_samples([FOLDER / "dev.jsonl", FOLDER / "test.jsonl"]))) == len(everything())


def test_every_part_is_large_enough() -> None:
    counts = Counter(s.category for s in everything())
    assert all(counts[category] >= 50 for category in ADVERSARIAL), counts
    assert sum(counts[category] for category in ADVERSARIAL) >= 600
    assert counts["ordinary_hit"] + counts["ordinary_neighbour"] >= 400
    assert sum(s.category == "unrelated" for s in split("test")) >= 300
    modalities = Counter(s.modality for s in everything())
    assert modalities["image_text"] >= 120
    assert modalities["image_visual"] >= 60
    assert len({s.preference for s in everything()}) >= 120


def test_about_two_are_shown_for_one_that_is_hidden() -> None:
    labels = Counter(s.label for s in everything() if part_of(s.category) == "adversarial")
    assert 1.6 <= labels["show"] / labels["hide"] <= 2.6


def test_no_wish_item_or_picture_stands_in_both_parts() -> None:
    for view in (said, lambda s: s.preference, shown_words, lambda s: s.item.image):
        dev, test = ({view(s) for s in split(name)} - {None, ""} for name in ("dev", "test"))
        assert not dev & test


def test_at_least_half_of_the_texts_are_hidden_for_one_and_shown_for_another() -> None:
    labels: dict[str, set[str]] = defaultdict(set)
    texts = [s for s in everything() if s.modality == "text" and s.category != "unrelated"]
    for sample in texts:
        labels[shown_words(sample)].add(sample.label)
    assert sum(len(labels[shown_words(s)]) == 2 for s in texts) >= len(texts) / 2


def test_every_hide_names_what_it_rests_on_but_for_what_is_depicted() -> None:
    for sample in everything():
        assert bool(sample.because) == (sample.label == "hide" and sample.modality != "image_visual"), sample.id


def test_pictures_are_small_and_all_of_them_are_used() -> None:
    pictures = {path.name for path in (FOLDER / "pictures").glob("*.png")}
    assert pictures == {Path(s.item.image).name for s in everything() if s.item.image}
    assert pictures == {f"{path.stem}.png" for path in (FOLDER / "scenes").glob("*.html")}
    assert all(path.stat().st_size <= 60 * 1024 for path in (FOLDER / "pictures").glob("*.png"))


@pytest.mark.parametrize("name", ["item_only", "preference_only"])
def test_labels_cannot_be_read_off_one_half(name: str) -> None:
    found = baselines.BASELINES[name](split("test"), split("dev"))
    assert area(split("test"), found, "adversarial") <= 0.60
    assert area(split("test"), found, "ordinary") <= 0.60


def test_words_and_likeness_do_badly_on_the_adversarial_part_and_likeness_well_on_the_ordinary_one() -> None:
    keyword = baselines.keyword(split("test"), split("dev"))
    similarity = baselines.similarity(split("test"), split("dev"))
    assert area(split("test"), keyword, "adversarial") <= 0.60
    assert area(split("test"), similarity, "adversarial") <= 0.60
    assert area(split("test"), similarity, "ordinary", "unrelated") >= 0.80
