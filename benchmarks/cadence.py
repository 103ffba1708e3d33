"""Does core/cadence.py count as a person does?

    python -m benchmarks.cadence

Clips whose steps were counted by eye, from the pictures, one at a time: the moments at which the legs pass each other (in the
jack: at which the arms are down), from the first to the last, divided by their number. And clips of single actions, in which
there is nothing to count. Needs the labelled test clips: MOTIONBOOK_CLIPS, a folder with a manifest.csv. Takes about as long as
the clips play.
"""

from __future__ import annotations

import numpy as np

from benchmarks.quality import clips_folder
from core.cadence import cadence
from core.motion.course import mirrored
from core.pacing import MOST_SECONDS, watch
from core.settings import Settings

COUNTED = {
    "kth/running/sudchaudhary__running.avi": 121,
    "kth/jogging/mohitkumarahuja__person01_jogging_d3_uncomp.avi": 142,
    "kth/walking/sudchaudhary__walking.avi": 96,
    "kth/walking/mohitkumarahuja__person01_walking_d1_uncomp.avi": 102,
    "weizmann/run/daria_run.avi": 173,
    "weizmann/run/denis_run.avi": 160,
    "weizmann/run/eli_run.avi": 132,
    "weizmann/run/ido_run.avi": 146,
    "weizmann/run/ira_run.avi": 153,
    "weizmann/walk/daria_walk.avi": 119,
    "weizmann/walk/ira_walk.avi": 107,
    "weizmann/jack/daria_jack.avi": 54,
}
WITHOUT = ("weizmann/bend", "asl_intel")
"""Folders of single actions."""


def main() -> None:
    folder, settings, off = clips_folder(), Settings.from_environment(), list[float]()
    print("| clip | counted | found | from | to | confidence | off |\n|---|---|---|---|---|---|---|")
    for name, counted in COUNTED.items():
        course = watch(folder / name, settings, (0.0, MOST_SECONDS))
        told = cadence(course.rows, course.activity, course.fps, mirror=mirrored(course.rows))
        if told.per_minute is None or told.low is None or told.high is None:
            print(f"| {name} | {counted} | none: {told.reason} | | | {told.confidence:.2f} | |", flush=True)
            continue
        off.append(100 * abs(told.per_minute / counted - 1))
        limits = f"{told.low:.0f} | {told.high:.0f} | {told.confidence:.2f}"
        print(f"| {name} | {counted} | {told.per_minute:.0f} | {limits} | {off[-1]:.0f} % |", flush=True)
    print(f"\nfound {len(off)} of {len(COUNTED)}; off by {np.median(off):.1f} % in the median, {max(off):.1f} % at most")
    wrong = total = 0
    for place in WITHOUT:
        for path in sorted((folder / place).rglob("*.*")):
            course = watch(path, settings, (0.0, MOST_SECONDS))
            told = cadence(course.rows, course.activity, course.fps, mirror=mirrored(course.rows))
            total, wrong = total + 1, wrong + (told.per_minute is not None)
    print(f"a rhythm was found in {wrong} of {total} clips of single actions ({', '.join(WITHOUT)})")


if __name__ == "__main__":
    main()
