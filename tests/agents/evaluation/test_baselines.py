"""The yardsticks do what they say, and cannot be measured on what they have learned from."""

from __future__ import annotations

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from agents.evaluation import baselines
from agents.evaluation.baselines import BaselineUnavailable
from agents.evaluation.text_llm import text_llm
from agents.models.encoder import WIDTH, Encoder, encoder
from tests.agents.evaluation.build import sample

SPIDER = sample(1, item={"text": "A SPIDER sat in the bath"}, label="hide")
BREAD = sample(2, item={"text": "Five seeds go into this loaf"})


def test_keyword_hides_at_any_form_of_any_content_word() -> None:
    found = baselines.keyword([SPIDER, BREAD], [])
    assert [verdict.hidden for verdict in found.verdicts] == [True, False]


def test_similarity_sets_its_threshold_on_dev_and_ranks_likeness_first() -> None:
    found = baselines.similarity([SPIDER, BREAD], [SPIDER, BREAD])
    assert found.verdicts[0].score > found.verdicts[1].score
    assert found.verdicts[1].score < found.settings["threshold"] <= found.verdicts[0].score
    with pytest.raises(BaselineUnavailable, match="dev"):
        baselines.similarity([SPIDER], [])


def test_the_half_blind_ones_learn_only_what_their_half_tells() -> None:
    dev = [sample(n, item={"text": "buy this now" if n % 2 else "a quiet walk"}, label="hide" if n % 2 else "show") for n in range(40)]  # fmt: skip
    test = [sample(90, item={"text": "buy it now"}), sample(91, item={"text": "a long walk"})]
    seen = baselines.item_only(test, dev).verdicts
    assert seen[0].score > 0.5 > seen[1].score
    blind = baselines.preference_only(test, dev).verdicts
    assert blind[0].score == blind[1].score


def test_the_half_blind_ones_refuse_what_they_have_learned_from() -> None:
    dev = [sample(n, label="hide" if n % 2 else "show") for n in range(10)]
    with pytest.raises(BaselineUnavailable, match="learned from"):
        baselines.item_only(dev[:2], dev)


def test_the_encoder_gives_unit_vectors_that_depend_on_nothing_else_in_the_batch() -> None:
    alone = Encoder().encode(["A spider in the bath"])
    among = Encoder().encode(["x" * 900, "A spider in the bath", "short"])
    assert alone.shape == (1, WIDTH)
    assert (alone[0] == among[1]).all()
    assert float(alone[0] @ alone[0]) == pytest.approx(1, abs=1e-5)
    assert encoder().encode([]).shape == (0, WIDTH)


def answers(*contents: str) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter([AIMessage(content=content) for content in contents]))


def test_the_language_model_is_asked_once_a_sample_and_garbage_counts_as_unanswered() -> None:
    chat = answers('Sure: {"hide": true, "probability": 0.9}', "I would rather not say", '{"hide": "maybe"}')
    found = text_llm([SPIDER, BREAD, BREAD], [], chat=chat)
    assert [(v.hidden, v.score) for v in found.verdicts] == [(True, 0.9), (False, 0.0), (False, 0.0)]
    assert found.settings == {"unanswered": 2.0}


def test_without_a_language_model_the_yardstick_says_so() -> None:
    with pytest.raises(BaselineUnavailable, match="FEEDGUARD_LLM_MODEL"):
        text_llm([SPIDER], [], chat=None)
