"""A client for the Google Reader API, in the part that FreshRSS and Miniflux both have.

Signing in (ClientLogin), the ids of unread items, their links, and marking as read and unread. Item ids are sent in
their long form, the only one that every server reads alike. POST requests carry the action token, GET requests the
Authorization header, because Miniflux takes no other.

ReaderError(message, permanent)
├── SignInRefused     the reader does not take the user and password, or the token
└── NotUnderstood     the answer is none of this API
What cannot be reached raises feeds.safe_fetch.FetchError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, Field, ValidationError

from feedguard.feeds.safe_fetch import Fetched, FetchFailed, FetchPolicy, safe_fetch

Model = TypeVar("Model", bound=BaseModel)
READ = "user/-/state/com.google/read"
READING_LIST = "user/-/state/com.google/reading-list"
PAGE = 1_000
MAX_UNREAD = 5_000
CONTENTS_AT_ONCE = 50
MARKED_AT_ONCE = 100
MAX_BYTES = 24 * 1024 * 1024
TIMEOUT_SECONDS = 30.0


class ReaderError(Exception):
    """The reader refused; the message is for the person."""

    permanent = True

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class SignInRefused(ReaderError):
    pass


class NotUnderstood(ReaderError):
    pass


@dataclass(frozen=True)
class UnreadItem:
    """An unread item of the reader. `id` is the long form; `urls` are its links, the likeliest first."""

    id: str
    urls: tuple[str, ...]
    title: str
    source: str


class _Ref(BaseModel):
    id: str


class _Ids(BaseModel):
    item_refs: list[_Ref] = Field(default_factory=list, alias="itemRefs")
    continuation: str | int | None = None


class _Link(BaseModel):
    href: str = ""


class _Origin(BaseModel):
    title: str = ""


class _Item(BaseModel):
    id: str
    title: str = ""
    canonical: list[_Link] = Field(default_factory=list)
    alternate: list[_Link] = Field(default_factory=list)
    origin: _Origin = Field(default_factory=_Origin)


class _Contents(BaseModel):
    items: list[_Item] = Field(default_factory=list)


class GoogleReader:
    """One reader at one address, such as https://rss.example/api/greader.php."""

    def __init__(self, url: str, policy: FetchPolicy, token: str = "") -> None:
        self._url, self._policy, self._token = url.rstrip("/"), policy, token
        self._action_token = ""

    def sign_in(self, user: str, password: str) -> str:
        """ClientLogin; returns the token that stands for user and password from then on."""
        answer = self._ask("/accounts/ClientLogin", form=[("Email", user), ("Passwd", password)], signed=False)
        lines = answer.body.decode(errors="replace").splitlines()
        token = next((line.removeprefix("Auth=").strip() for line in lines if line.startswith("Auth=")), "")
        if not token or len(token) > 1000:
            raise NotUnderstood(
                "There is no Google Reader API at this address. Is it switched on in the reader?", field="url"
            )
        self._token = token
        return token

    def unread_ids(self) -> list[str]:
        """Ids of the newest unread items, at most MAX_UNREAD, in long form."""
        found: list[str] = []
        page = ""
        while len(found) < MAX_UNREAD:
            query = {"output": "json", "s": READING_LIST, "xt": READ, "n": str(PAGE), **({"c": page} if page else {})}
            ids = self._read(_Ids, self._ask(f"/reader/api/0/stream/items/ids?{urlencode(query)}"))
            found += [long_id(ref.id) for ref in ids.item_refs]
            if not ids.item_refs or not ids.continuation or str(ids.continuation) == page:
                break
            page = str(ids.continuation)
        return list(dict.fromkeys(found))[:MAX_UNREAD]

    def items(self, ids: Sequence[str]) -> list[UnreadItem]:
        """What the reader knows of these items."""
        found = []
        for start in range(0, len(ids), CONTENTS_AT_ONCE):
            form = [("output", "json"), *(("i", key) for key in ids[start : start + CONTENTS_AT_ONCE])]
            contents = self._read(_Contents, self._ask("/reader/api/0/stream/items/contents", form=self._acting(form)))
            for item in contents.items:
                urls = tuple(link.href for link in [*item.alternate, *item.canonical] if link.href)
                found.append(UnreadItem(long_id(item.id), urls, item.title[:300], item.origin.title[:300]))
        return found

    def mark(self, ids: Sequence[str], *, read: bool) -> None:
        """Mark items as read, or as unread again."""
        for start in range(0, len(ids), MARKED_AT_ONCE):
            form = [("a" if read else "r", READ), *(("i", key) for key in ids[start : start + MARKED_AT_ONCE])]
            self._ask("/reader/api/0/edit-tag", form=self._acting(form))

    def _acting(self, form: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if not self._action_token:
            self._action_token = self._ask("/reader/api/0/token").body.decode(errors="replace").strip()[:1000]
        return [("T", self._action_token), *form]

    def _ask(self, path: str, *, form: list[tuple[str, str]] | None = None, signed: bool = True) -> Fetched:
        headers = {"Authorization": f"GoogleLogin auth={self._token}"} if signed else {}
        try:
            answer = safe_fetch(
                self._url + path, policy=self._policy, accept=("text/", "application/"), max_bytes=MAX_BYTES,
                timeout_seconds=TIMEOUT_SECONDS, headers=headers, form=form,
            )  # fmt: skip
        except FetchFailed as error:
            if error.status in {401, 403}:
                raise SignInRefused("The reader does not take this user and password.", field="password") from None
            if error.status == 404 and not signed:
                raise NotUnderstood("There is no Google Reader API at this address.", field="url") from None
            raise
        if answer.status != 200:
            raise FetchFailed(f"The reader asks for patience (HTTP {answer.status}).", status=answer.status)
        return answer

    def _read(self, model: type[Model], answer: Fetched) -> Model:
        try:
            return model.model_validate_json(answer.body)
        except ValidationError:
            raise NotUnderstood("The reader's answer is none of the Google Reader API.") from None


def long_id(raw: str) -> str:
    """`tag:google.com,2005:reader/item/` and 16 hexadecimal digits, of the decimal or the long form."""
    tail = raw.rpartition("/")[2]
    try:
        number = int(tail, 16) if "/" in raw else int(tail)
    except ValueError:
        raise NotUnderstood("The reader's answer is none of the Google Reader API.") from None
    return f"tag:google.com,2005:reader/item/{number % 2**64:016x}"
