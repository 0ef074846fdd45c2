"""Judging benchmark samples by the product's own path: words said and accepted, the item taken in and decided."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agents.errors import ParseRefused
from agents.evaluation.metrics import Row
from agents.evaluation.samples import Sample
from agents.types import Item as PipelineItem
from agents.types import Outcome
from agents.verify import stands
from feedguard import runtime
from feedguard.accounts.models import Person
from feedguard.decisions.jobs import JobRefused
from feedguard.decisions.models import Decision
from feedguard.decisions.services import decide_items
from feedguard.evaluation.scratch import SetClock
from feedguard.feeds.ingest import ingest
from feedguard.feeds.models import SENT, Subscription
from feedguard.feeds.parsed import ParsedEntry, ParsedMedia
from feedguard.feeds.pictures import reencode
from feedguard.feeds.services import subscribe
from feedguard.feeds.work import keep
from feedguard.items.models import Entry, Picture
from feedguard.items.selectors import pipeline_items
from feedguard.items.stores import StoredFacts
from feedguard.preferences.accepting import accept
from feedguard.preferences.proposing import choose
from feedguard.preferences.say import say
from graph.errors import GraphError

HIDDEN = {"hide", "blur", "label"}


@dataclass(frozen=True)
class Judged:
    """One sample with its outcome. `refused` is what the parser said where it took nothing from the words;
    `seconds` is the time from the stored item to its decision."""

    sample: Sample
    item: PipelineItem
    outcome: Outcome
    seconds: float
    refused: str = ""

    @property
    def hidden(self) -> bool:
        return self.outcome.action in HIDDEN

    def row(self) -> Row:
        return Row(
            id=self.sample.id,
            category=self.sample.category,
            modality=self.sample.modality,
            pair=self.sample.pair,
            label=self.sample.label,
            hidden=self.hidden,
            score=self.outcome.score,
            certainty=self.outcome.certainty,
            grounded=self.hidden and _verbatim(self),
            overlaps=_overlaps(self) if self.hidden and self.sample.because else None,
            stage=self.outcome.stage,
            seconds=self.seconds,
        )


def _verbatim(judged: Judged) -> bool:
    evidence = judged.outcome.evidence
    return bool(evidence) and all(stands(judged.item, found) for found in evidence)


def _overlaps(judged: Judged) -> bool:
    """Whether any evidence shares characters with what the sample says hiding rests on."""
    for found in judged.outcome.evidence:
        field = judged.item.field(found.field)
        for part in judged.sample.because:
            start = field.find(part)
            if start >= 0 and found.start < start + len(part) and start < found.end:
                return True
    return False


def judge_samples(samples: Iterable[Sample], clock: SetClock) -> Iterator[Judged]:
    """Judge each sample for a new person. To be called within `scratch_product`."""
    for number, sample in enumerate(samples):
        person = Person.objects.create(username=f"sample-{number}", time_zone="UTC")
        subscription, _ = subscribe(person, f"{SENT}{sample.service}?sample={number}", title=sample.item.source)
        refused = _say_all(person, sample, clock)
        clock.at = sample.judged_at
        _take_in(subscription, sample)
        ids = list(Entry.objects.filter(person=person).values_list("item_id", flat=True))
        started = time.perf_counter()
        decide_items(person, ids)
        seconds = time.perf_counter() - started
        decision = Decision.objects.get(person=person, is_current=True)
        (item,) = pipeline_items(person, ids)
        yield Judged(sample, item, Outcome.model_validate(decision.outcome), seconds, refused)


def facts_of(judged: Judged) -> list[tuple[str, str, list[str]]]:
    """(kind, value, quotes) of what was perceived in the item."""
    version = runtime.pipeline().models["perceiver"]
    found = StoredFacts().load([judged.item.content_hash], version).get(judged.item.content_hash, ())
    return [(fact.kind, fact.value, [place.quote for place in fact.evidence]) for fact in found]


def _say_all(person: Person, sample: Sample, clock: SetClock) -> str:
    """Say and accept all that the person said, each at its time; returns what was refused."""
    first = sample.adjustments[0].at if sample.adjustments else sample.judged_at
    refused = []
    for at, words in [(first, sample.preference), *((later.at, later.say) for later in sample.adjustments)]:
        clock.at = at
        try:
            proposal = say(person, {"sentence": words}, lambda line: None)["proposal"]
            accept(person, _answered(person, proposal), {})
        except (JobRefused, ParseRefused, GraphError) as error:
            refused.append(error.message)
    return " ".join(refused)


def _answered(person: Person, proposal: str) -> str:
    """The proposal, or the one that its question's first choice leads to, since nobody can be asked."""
    found = runtime.graph_store().proposal(person.key, proposal)
    if found is None or not found.detail["question"]:
        return proposal
    chosen: str = choose(person, {"proposal": proposal, "choice": 0}, lambda line: None)["proposal"]
    return chosen


def _take_in(subscription: Subscription, sample: Sample) -> None:
    """Store the item as a fetched one is stored, its picture as our own copy."""
    item = sample.item
    media: tuple[ParsedMedia, ...] = ()
    if sample.image_path is not None:
        media = (ParsedMedia(url=f"sample:{sample.image_path}", kind="image", mime="image/png", alt=item.alt),)
    content = hashlib.sha256(json.dumps([item.model_dump(), str(sample.image_path)]).encode()).hexdigest()
    entry = ParsedEntry(
        external_id=sample.id, url="", title=item.title, author=item.author, html="", text=item.text,
        published_at=sample.judged_at, updated_at=None, kind="post", word_count=len(item.text.split()),
        duration_seconds=None, language="en", media=media, content_hash=content, extras={},
    )  # fmt: skip
    ingest(subscription.source, [entry], sample.judged_at)
    if sample.image_path is not None:
        picture = Picture.objects.get(url=f"sample:{sample.image_path}")
        if picture.state == Picture.State.WAITING:
            keep(picture, reencode(sample.image_path.read_bytes()))
