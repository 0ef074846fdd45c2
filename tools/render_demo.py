#!/usr/bin/env python3

"""Draw the demo's pictures anew: `.venv/bin/python tools/render_demo.py` (needs the dev extra and Chromium).

Each picture is an SVG below, rendered at 800 × 500 and reduced to 48 colours so that it stays under 60 KB.
"""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

OUT = Path(__file__).parent.parent / "feedguard" / "feeds" / "demo" / "pictures"
SERIF, SANS = "DejaVu Serif", "DejaVu Sans"


def text(
    x: int,
    y: int,
    words: str,
    size: int,
    fill: str,
    *,
    font: str = SANS,
    weight: int = 700,
    anchor: str = "middle",
    turn: int = 0,
) -> str:
    rotation = f' transform="rotate({turn} {x} {y})"' if turn else ""
    return f'<text x="{x}" y="{y}" font-family="{font}" font-size="{size}" font-weight="{weight}" fill="{fill}" text-anchor="{anchor}"{rotation}>{words}</text>'


def rect(x: int, y: int, w: int, h: int, fill: str, r: int = 0, extra: str = "") -> str:
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}" {extra}/>'


def circle(x: int, y: int, r: int, fill: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}"/>'


def path(d: str, fill: str = "none", stroke: str = "none", width: int = 0) -> str:
    return f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"/>'


def ground(colour: str) -> str:
    return rect(0, 0, 800, 500, colour)


def steam(x: int, y: int, colour: str) -> str:
    return "".join(path(f"M{x + d} {y} q -14 -22 0 -44 q 14 -22 0 -44", stroke=colour, width=6) for d in (-26, 0, 26))


def cup(x: int, y: int, colour: str, drink: str) -> str:
    return (
        path(f"M{x - 90} {y} h180 q0 120 -90 120 q-90 0 -90 -120z", colour)
        + path(f"M{x + 86} {y + 20} q60 0 40 44 q-14 26 -60 16", stroke=colour, width=14)
        + f'<ellipse cx="{x}" cy="{y}" rx="90" ry="20" fill="{drink}"/>'
    )


PICTURES = {
    "tutoring-poster": ground("#20324a")
    + path("M470 330 h260 v26 h-260z M490 300 h230 v26 h-230z M480 270 h220 v26 h-220z", "#e8c468")
    + circle(600, 222, 44, "#d9e4ef")
    + circle(612, 212, 6, "#20324a")
    + path("M640 222 l30 8 l-30 10z", "#e58a3c")
    + path("M572 232 q-40 10 -50 34 q44 8 66 -12z", "#b9c9d8")
    + text(60, 110, "Will your", 58, "#ffffff", font=SERIF, anchor="start")
    + text(60, 176, "child fail?", 58, "#ffd166", font=SERIF, anchor="start")
    + text(60, 250, "Parents who wait regret it.", 26, "#d9e4ef", weight=400, anchor="start")
    + rect(60, 330, 350, 92, "#c8402f", 12)
    + text(235, 368, "Tutoring from 29 a week.", 24, "#ffffff")
    + text(235, 402, "Book now.", 24, "#ffffff"),
    "library-poster": ground("#fff4d6")
    + "".join(
        rect(90 + 62 * i, 300 - 14 * (i % 3), 50, 150 + 14 * (i % 3), c, 4)
        for i, c in enumerate(
            [
                "#d1495b",
                "#edae49",
                "#00798c",
                "#66a182",
                "#2e4057",
                "#8d6b94",
                "#d1495b",
                "#edae49",
                "#00798c",
                "#66a182",
            ]
        )
    )
    + rect(60, 450, 680, 14, "#7a4e2d")
    + text(400, 120, "Free lessons", 70, "#2e4057", font=SERIF)
    + text(400, 190, "Tuesdays at 4.", 48, "#d1495b", font=SERIF)
    + text(400, 250, "Everybody welcome.", 30, "#2e4057", weight=400),
    "orchard-meme": ground("#2b2b2b")
    + rect(0, 90, 800, 300, "#4a3f35")
    + circle(400, 250, 96, "#f2c79b")
    + circle(365, 235, 12, "#222")
    + circle(435, 235, 12, "#222")
    + path("M360 300 q40 -34 80 0", stroke="#222", width=8)
    + path("M300 200 q100 -120 200 0 q-20 -70 -100 -74 q-80 4 -100 74z", "#7a4a2b")
    + circle(480, 290, 9, "#7db7e8")
    + text(400, 44, "SALT ORCHARD S3 E8:", 30, "#ffffff")
    + text(400, 80, "EVERYONE: who did it?", 28, "#dddddd")
    + text(400, 455, "ME: MARIT LIT THE FIRE", 48, "#ffe066"),
    "orchard-pie": ground("#e9d8c4")
    + '<ellipse cx="400" cy="330" rx="290" ry="90" fill="#b88a5b"/><ellipse cx="400" cy="300" rx="270" ry="84" fill="#e0a458"/><ellipse cx="400" cy="290" rx="230" ry="66" fill="#c9742f"/>'
    + "".join(path(f"M{190 + 70 * i} 250 q30 40 {0} 90", stroke="#f0c68a", width=22) for i in range(7))
    + "".join(rect(210 + (i * 67) % 380, 250 + (i * 37) % 80, 7, 7, "#ffffff") for i in range(26))
    + steam(400, 180, "#ffffff")
    + circle(690, 120, 46, "#c0392b")
    + path("M690 80 q10 -34 34 -34", stroke="#5d4037", width=7),
    "orchard-poster": ground("#f3ead8")
    + circle(560, 170, 96, "#c8402f")
    + path("M0 390 q200 -60 420 -10 t380 -20 v140 h-800z", "#ffffff")
    + path(
        "M300 400 q10 -120 -10 -220 M292 260 q-60 -30 -80 -80 M296 230 q60 -30 90 -96 M290 190 q-30 -40 -20 -90",
        stroke="#2f2a26",
        width=14,
    )
    + text(400, 450, "SALT ORCHARD", 54, "#2f2a26", font=SERIF)
    + text(400, 484, "The fifth season.", 22, "#6b6259", font=SERIF, weight=400),
    "diet-box": ground("#dff0e4")
    + rect(110, 90, 300, 330, "#2f8f5b", 10)
    + rect(110, 90, 300, 60, "#1f6b42", 10)
    + text(260, 132, "FERNWELL", 34, "#ffffff", font=SERIF)
    + text(260, 215, "SLIMMING TEA", 32, "#fff6c9")
    + text(260, 275, "-10 kg", 52, "#ffffff")
    + text(260, 320, "in 10 days.", 28, "#ffffff")
    + path("M200 370 q60 -50 120 0 q-60 50 -120 0z", "#9fd6b0")
    + cup(590, 270, "#ffffff", "#a9c46c")
    + steam(590, 236, "#ffffff")
    + rect(470, 425, 290, 52, "#c8402f", 26)
    + text(615, 459, "Order now: 24.90", 25, "#ffffff"),
    "peppermint": ground("#f2efe4")
    + rect(0, 380, 800, 120, "#c9a77c")
    + cup(400, 260, "#3f6f8f", "#b7cf7a")
    + steam(400, 226, "#cfd8d2")
    + "".join(
        path(f"M{x} {y} q40 -50 90 -20 q-30 60 -90 20z", c)
        for x, y, c in ((130, 370, "#4f9d69"), (190, 340, "#66b47f"), (560, 380, "#4f9d69"), (600, 350, "#66b47f"))
    ),
    "clinic-board": ground("#8a5a3b")
    + rect(30, 30, 740, 440, "#c99b6c", 8)
    + rect(110, 80, 580, 330, "#ffffff", 4, 'transform="rotate(-1.5 400 250)"')
    + circle(400, 92, 13, "#c0392b")
    + text(400, 190, "Slimming teas?", 52, "#245e6b", font=SERIF)
    + text(400, 255, "Ask the doctor first.", 40, "#245e6b", font=SERIF)
    + text(400, 335, "Free talk, Wednesday 18:00", 30, "#333333", weight=400),
    "coins-phone": ground("#f4d58d")
    + path("M0 330 q200 -40 400 0 t400 0 v170 h-800z", "#3fa7c4")
    + rect(300, 40, 210, 400, "#1b1b2f", 30)
    + rect(314, 70, 182, 340, "#2b2d5b", 6)
    + text(405, 120, "SOLARA", 30, "#ffe066")
    + text(405, 152, "CRYPTO", 30, "#ffe066")
    + path("M330 300 l40 -40 l30 20 l40 -60 l40 -30", stroke="#57e39a", width=8)
    + text(405, 345, "10x in 30 days", 22, "#ffffff")
    + text(405, 376, "Join now,", 19, "#ffffff")
    + text(405, 400, "link in bio", 19, "#ffffff")
    + circle(130, 120, 56, "#ff9f43"),
    "old-coin": ground("#d8d4c7")
    + circle(400, 250, 200, "#8c6a3f")
    + circle(400, 250, 184, "#a98149")
    + circle(400, 250, 160, "#96723f")
    + path("M290 300 h220 q-20 60 -110 60 q-90 0 -110 -60z", "#6d5230")
    + path("M400 300 v-150 M400 150 q80 40 80 120 h-80z", "#6d5230", "#6d5230", 8)
    + path("M330 296 v-40 l20 -14 l16 14 v40z", "#5a4327")
    + circle(352, 246, 12, "#5a4327"),
    "scam-poster": ground("#fbe9e5")
    + path("M400 50 l120 200 h-240z", "#c8402f")
    + text(400, 222, "!", 120, "#ffffff")
    + text(400, 325, "WARNING: crypto scams.", 50, "#7a1f14")
    + text(400, 390, "No honest broker", 36, "#333333", weight=400)
    + text(400, 436, "calls you first.", 36, "#333333", weight=400),
    "toaster": ground("#cfe3e8")
    + rect(180, 190, 440, 220, "#8f9aa3", 50)
    + rect(250, 170, 130, 40, "#5b636a", 8)
    + rect(420, 170, 130, 40, "#5b636a", 8)
    + path("M262 180 v-70 q52 -50 104 0 v70z", "#d9a05b")
    + rect(600, 260, 40, 60, "#444", 8)
    + rect(320, 290, 160, 46, "#f3d2b0", 22, 'transform="rotate(-20 400 313)"')
    + rect(372, 292, 56, 42, "#e2b88f", 4, 'transform="rotate(-20 400 313)"')
    + rect(220, 410, 40, 22, "#444")
    + rect(540, 410, 40, 22, "#444"),
    "ferry": ground("#bcdff0")
    + rect(0, 330, 800, 170, "#2f7ea8")
    + path("M150 300 h500 l-40 80 h-420z", "#ffffff")
    + rect(220, 240, 330, 60, "#f3f3f3")
    + rect(470, 180, 60, 60, "#c8402f")
    + "".join(circle(250 + 55 * i, 270, 14, "#2f7ea8") for i in range(5))
    + circle(680, 100, 50, "#ffd166")
    + path("M0 400 q50 -16 100 0 t100 0 t100 0 t100 0 t100 0 t100 0 t100 0 t100 0", stroke="#7fc0de", width=6),
    "bread": ground("#efe6d8")
    + '<ellipse cx="400" cy="390" rx="290" ry="40" fill="#c9b79c"/>'
    + path("M140 370 q0 -200 260 -200 q260 0 260 200 q-260 40 -520 0z", "#b9742f")
    + path(
        "M250 250 q30 30 10 80 M350 210 q40 40 20 110 M460 210 q40 40 20 110 M560 250 q30 30 10 80",
        stroke="#f1d3a2",
        width=18,
    ),
    "choir": ground("#1f3b57")
    + path("M0 400 q100 -60 200 0 t200 0 t200 0 t200 0 v100 h-800z", "#2f6f9f")
    + "".join(
        circle(x, y, 20, "#ffd166") + rect(x + 14, y - 90, 6, 90, "#ffd166")
        for x, y in ((180, 330), (300, 290), (520, 310), (640, 270))
    )
    + text(400, 120, "BASSES WANTED.", 64, "#ffffff", font=SERIF)
    + text(400, 180, "Thursdays, 8 pm", 36, "#ffd166", font=SERIF),
}


def main() -> None:
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser") or os.environ.get("CHROMIUM", "")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 800, "height": 500})
        for name, drawing in PICTURES.items():
            page.set_content(
                f'<style>body{{margin:0}}</style><svg xmlns="http://www.w3.org/2000/svg" width="800" height="500">{drawing}</svg>'
            )
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(48)
            picture.save(OUT / f"{name}.png", optimize=True)
            print(f"{name}: {(OUT / f'{name}.png').stat().st_size // 1024} KB")
        browser.close()


if __name__ == "__main__":
    main()
