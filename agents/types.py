"""What travels through the pipeline. All values are immutable; all times are aware and in UTC."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from graph.types import Action, Role

Field_ = Literal["title", "text", "author", "source", "link", "kind", "length", "age", "language", "alt", "image"]
Truth = Literal["yes", "no", "unclear"]
Verdict = Literal["violated", "not_violated", "unclear"]
Stage = Literal["override", "guard", "recall", "rule", "judge", "dispute", "verify", "default"]
FactKind = Literal[
    "subject", "act", "feeling", "form", "stance", "entity", "depicts", "printed text", "language",
    "injection", "unreadable",
]  # fmt: skip
FACT_LIST_VERSION = 1


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Media(_Value):
    """A picture, sound or film of an item, as its source describes it. Sizes in pixels."""

    kind: Literal["image", "audio", "video"]
    alt: str = ""
    sha256: str = ""


class Item(_Value):
    """One post, article, video card or ad, with all that is known of it. Text fields are untrusted."""

    id: str
    content_hash: str
    title: str = ""
    text: str = ""
    author: str = ""
    source: str = ""
    """Title of the source it came from."""
    source_url: str = ""
    folder: str = ""
    link: str = ""
    service: str = "web"
    surface: str = "feed"
    language: str = ""
    kind: str = "post"
    thread: str = ""
    own: bool = False
    word_count: int = 0
    duration_seconds: int | None = None
    published_at: dt.datetime | None = None
    summary_only: bool = False
    media: tuple[Media, ...] = ()

    def field(self, name: str) -> str:
        """The text of a field that evidence can stand in; `alt` is all alternative texts, one a line."""
        if name == "alt":
            return "\n".join(media.alt for media in self.media if media.alt)
        if name == "length":
            return f"{self.word_count} words"
        if name == "age":
            return self.published_at.isoformat() if self.published_at else ""
        value = getattr(self, name, "")
        return value if isinstance(value, str) else ""


class Evidence(_Value):
    """Where something stands. `start` and `end` are character offsets in the named field of the item
    (`quote == item.field(field)[start:end]`, after Unicode NFC); a metadata field is quoted whole."""

    field: Field_
    start: int = 0
    end: int = 0
    quote: str = ""
    box: tuple[int, int, int, int] | None = None


class Fact(_Value):
    """Something perceived in an item."""

    kind: FactKind
    value: str
    evidence: tuple[Evidence, ...] = ()
    confidence: float = Field(default=1.0, ge=0, le=1)


class ElementRuling(_Value):
    """Whether one element of a wish holds for an item."""

    role: Role | Literal["rule"]
    value: str
    stated: bool
    holds: Truth
    evidence: tuple[Evidence, ...] = ()
    note: str = ""


class Ruling(_Value):
    """What a judge says about one wish and one item. `score` ranks how likely the item is the thing,
    `certainty` how sure the verdict is (both 0..1). `exception` is the id of the exception that shields."""

    wish: str
    wish_hash: str
    verdict: Verdict
    score: float = Field(ge=0, le=1)
    certainty: float = Field(ge=0, le=1)
    elements: tuple[ElementRuling, ...] = ()
    exception: str = ""
    exception_evidence: tuple[Evidence, ...] = ()
    stage: Stage = "judge"
    judge: str
    note: str = ""


class LeftOut(_Value):
    """A wish that recall or a scope left out, and why, in plain words."""

    wish: str
    why: str


class Context(_Value):
    """What a decision depends on besides item and snapshot."""

    now: dt.datetime
    time_zone: str = "UTC"
    override: Literal["show", "hide", ""] = ""
    show_everything: bool = False


class Outcome(_Value):
    """The decision's content: a pure function of rulings, context, scopes and clock.

    `valid_until` is the next instant at which a clause changes by itself. `near` are the rulings that did
    not lead to the action but came close (not violated with some stated element, or shielded)."""

    action: Action
    reason: str
    wish: str = ""
    heading: str = ""
    target: Literal["item", "picture"] = "item"
    evidence: tuple[Evidence, ...] = ()
    stage: Stage
    certainty: float
    score: float
    state: Literal["provisional", "final"] = "final"
    certified: bool = False
    valid_until: dt.datetime | None = None
    rulings: tuple[Ruling, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    degraded: tuple[str, ...] = ()
    models: dict[str, str] = Field(default_factory=dict)
