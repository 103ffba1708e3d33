"""Does a webcam take find its own action first? The real recorder in a real Chromium whose camera plays real clips.

    python -m benchmarks.webcam --library FOLDER [--encoders i3d-rgb fused] [--seconds 4] [--keep FOLDER] [CLIP ...]

FOLDER is a library that holds the labelled test clips, embedded by those encoders; it is opened, so no other process may hold it.
Each CLIP, a path inside MOTIONBOOK_CLIPS, is played again and again to the camera while the recorder takes ``seconds`` of it.
The take then asks for what is like it. The library holds the very clip that was played: all clips of its source are left out, so
that the take can be recognised by its action only. How like it is to that clip itself stands in a column of its own.
Labels of different sets that name one action count as one (FAMILIES). Takes are kept in --keep and not recorded again.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.quality import clips_folder
from core.queries import parse
from core.searching import Found, Search, Searcher
from core.settings import Settings
from core.workbench import Workbench
from tests.browser.cameras import camera_of
from tests.browser.driving import browser, running_app, settle

FAMILIES = {
    "waving": ("wave1", "wave2", "wave", "handwaving"),
    "walking": ("walk", "walking", "Walk", "pedestrians_walking"),
}
CLIPS = (
    *(f"weizmann/wave1/{name}_wave1.avi" for name in ("daria", "denis", "eli", "ido", "ira")),
    *(f"weizmann/wave2/{name}_wave2.avi" for name in ("daria", "denis", "eli", "ido", "ira")),
    "kth/handwaving/sudchaudhary__waving.avi",
    "test_assets/hmdb51/wave/TrumanShow_wave_f_nm_np1_fr_med_26.avi",
    *(f"weizmann/walk/{name}_walk.avi" for name in ("daria", "denis", "eli", "ido", "ira")),
    "kth/walking/mohitkumarahuja__person01_walking_d1_uncomp.avi",
    "kth/walking/sudchaudhary__walking.avi",
    "web_mixed/walking/Maximellerbach__walking.mp4",
    "web_mixed/walking/dalgu90__walking.mp4",
    "asl_intel/walk/intel-iot-devkit__walk.mkv",
)
HEAD = ("played to the camera", "label", "take", "the clip itself (raw)", "first of another source", "first of its action")
SCRIPT = """
from pathlib import Path
import streamlit as st
from pages.parts import webcam
from pages.parts.bench import workbench
take = webcam.recorder(workbench(), key="recorder")
if take is not None:
    st.code(str(take.path))
"""


def record(clips: Sequence[tuple[str, Path]], seconds: int, folder: Path) -> dict[str, Path]:
    """The take of each clip, recorded by the product's own recorder. One app, one browser a clip: its camera is a flag."""
    takes = {name: folder / f"{Path(name).stem}.webm" for name, _ in clips}
    missing = [(name, clip) for name, clip in clips if not takes[name].is_file()]
    with tempfile.TemporaryDirectory() as given:
        place = Path(given)
        (place / "script.py").write_text(SCRIPT)
        with running_app(place / "library", script=str(place / "script.py"), MOTIONBOOK_ENCODER="toy") as address:
            for count, (name, clip) in enumerate(missing):
                flags = camera_of(clip, place / "camera.y4m", seconds=20)
                with browser(place / f"profile{count}", flags=flags) as context:
                    page = context.new_page()
                    page.goto(address)
                    settle(page)
                    page.get_by_role("button", name="Use the camera").click()
                    page.locator(".webcam input").fill(str(seconds))
                    page.get_by_role("button", name="Record", exact=True).click()
                    page.get_by_role("button", name="Use this take").click()
                    shutil.copyfile(page.locator("code").inner_text(), takes[name])
    return takes


def family(label: str) -> str:
    return next((name for name, labels in FAMILIES.items() if label in labels), label)


def ask(bench: Workbench, clip: Path, label: str, source: str, film: Path, encoder: str) -> tuple[str, bool]:
    """A row of the table, and whether the take's own action came first."""
    take = bench.takes.take(film, film.name)
    found = Searcher(bench).find(Search((parse(take.query),), encoder, top=500, fold=False)).matches
    itself = next((one for one in found if one.clip.name == clip.name), None)
    others = [one for one in found if one.clip.source != source]
    rank, of_action = next((place, one) for place, one in enumerate(others, 1) if family(one.clip.label) == family(label))
    best: Found = others[0]
    info = take.info
    cells = (
        clip.name,
        label,
        f"{info.duration_seconds:.1f} s, {info.fps:.0f} fps, {film.stat().st_size / 1e6:.1f} MB",
        "–" if itself is None else f"{itself.raw:.3f}, place {itself.rank}",
        f"{best.clip.name} ({best.clip.label}), {best.similarity:.2f}",
        f"{rank}: {of_action.clip.name}, {of_action.similarity:.2f}",
    )
    row = f"| {' | '.join(cells)} |"
    return row, rank == 1


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="*", default=CLIPS)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--encoders", nargs="+", default=["i3d-rgb", "fused"])
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    folder = clips_folder()
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        facts = {row["path"]: row for row in csv.DictReader(stream)}
    with tempfile.TemporaryDirectory() as given:
        keep = chosen.keep or Path(given)
        keep.mkdir(parents=True, exist_ok=True)
        takes = record([(name, folder / name) for name in chosen.clips], chosen.seconds, keep)
        with Workbench(Settings.from_environment(home=chosen.library)) as bench:
            for encoder in chosen.encoders:
                print(f"\n{encoder}: takes of {chosen.seconds} s among {len(bench.library.clips())} clips\n")
                print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}")
                right = []
                for name in chosen.clips:
                    row, first = ask(bench, folder / name, facts[name]["label"], facts[name]["group"], takes[name], encoder)
                    right.append((family(facts[name]["label"]), first))
                    print(row, flush=True)
                for action in dict.fromkeys(one for one, _ in right):
                    own = [first for one, first in right if one == action]
                    print(f"\n{encoder}, {action}: own action first for {int(np.sum(own))} of {len(own)} takes.")


if __name__ == "__main__":
    main()
