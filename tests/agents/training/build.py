"""Small corpora for tests."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

WISH = {"id": "w1", "family": "pets", "say": "no spiders, toys are fine", "elements": [{"role": "subject", "value": "spiders", "stated": True}], "exceptions": ["toys"]}  # fmt: skip
FACTS = {"act": ["tell"], "feeling": ["fear"], "form": ["story"], "stance": ["uses"], "subject": ["spiders"]}
ITEM = {"id": "i1", "family": "pets", "category": "ordinary", "source": "Notes", "author": "", "title": "", "text": "A spider sat in the bath", "facts": FACTS}  # fmt: skip
STATEMENT = {"item": "i1", "statement": "tells of a spider", "holds": True, "span": "A spider"}
PAIR = {"wish": "w1", "item": "i1", "label": "hide", "because": ["A spider"]}


def write(folder: Path, **files: list[dict[str, Any] | str]) -> Path:
    """A corpus folder; what is not given holds one good line. A string is written as it is."""
    whole: dict[str, list[Any]] = {"wishes": [WISH], "items": [ITEM], "statements": [STATEMENT], "pairs": [PAIR]}
    for name, lines in (whole | files).items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return folder
