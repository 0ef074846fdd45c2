"""The command says what is wrong before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.parametrize("share", [0, 101])
def test_a_share_is_a_percentage(share: int) -> None:
    with pytest.raises(CommandError, match="--shares: percentages from 1 to 100"):
        call_command("train", "--quick", "--shares", str(share))


def test_a_missing_dev_part_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.jsonl"):
        call_command("train", "--quick", "--dev", str(tmp_path / "gone.jsonl"))
