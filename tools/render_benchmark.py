#!/usr/bin/env python3

"""Draw the benchmark's pictures anew: `make benchmark-pictures` (needs Chromium).

Every `NAME.html` in SCENES becomes `NAME.png` in PICTURES. A scene states its size in pixels in its head,
`<meta name="size" content="WIDTH HEIGHT">`, and loads nothing from elsewhere but `common.css` beside it.
A picture keeps as many colours as fit into 60 KB, at most 128.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

MOST_BYTES = 60_000
COLOURS = (128, 96, 64, 48, 32, 24, 16)
SIZE = re.compile(r'<meta name="size" content="(\d+) (\d+)">')


def size_of(scene: Path) -> tuple[int, int]:
    """Width and height, in pixels, that a scene states; ValueError where it states none."""
    found = SIZE.search(scene.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{scene.name} states no size")
    return int(found[1]), int(found[2])


def reduced(screenshot: bytes) -> bytes:
    """The screenshot as a palette PNG with the most colours that fit; ValueError where not even the fewest do."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    for colours in COLOURS:
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise ValueError(f"{len(out.getvalue())} bytes with {colours} colours")


def render(page: Page, scene: Path, picture: Path) -> None:
    """Draw one scene; a fault in it is raised as ValueError with the scene's name."""
    width, height = size_of(scene)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(scene.resolve().as_uri())
    try:
        picture.write_bytes(reduced(page.screenshot()))
    except ValueError as fault:
        raise ValueError(f"{scene.name}: {fault}") from fault


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", type=Path, help="folder of NAME.html")
    parser.add_argument("pictures", type=Path, help="folder for NAME.png")
    parser.add_argument("names", nargs="*", help="only these scenes")
    options = parser.parse_args()
    scenes = [s for s in sorted(options.scenes.glob("*.html")) if not options.names or s.stem in options.names]
    options.pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser") or os.environ.get("CHROMIUM"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        for scene in scenes:
            picture = options.pictures / f"{scene.stem}.png"
            render(page, scene, picture)
            print(f"{scene.stem}: {picture.stat().st_size // 1000} KB")
        browser.close()


if __name__ == "__main__":
    main()
