"""Do thresholds keep what they promise, on real clips of sources that were left out?

    python -m benchmarks.thresholds --library HOME [--labels fight waving=wave1+wave2] [--encoder fused]

For each label a concept is taught from all its clips against all clips of others. The threshold of each target is chosen from the
scores of all sources but one and meets that one, over all of them (``core.calibrating.check``): promised against kept.
Confidences are calibrated without the source that they are then held against. The head is the one that teaching chooses.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core import curves
from core.calibrating import Target, check, threshold
from core.concepts import NONE, Example
from core.operating import material
from core.promises import footage, percent, rate
from core.settings import Settings
from core.teaching import Lesson, Teacher
from core.workbench import Workbench

TARGETS = (
    "false-alarms:1",
    "false-alarms:30",
    "false-alarms:60",
    "precision:0.8",
    "precision:0.9",
    "conformal:0.05",
    "conformal:0.2",
)
LABELS = ("fight", "hand shaking=hand_shaking", "waving=wave1+wave2+wave+handwaving")


def say(*cells: object) -> None:
    sys.stdout.write("| " + " | ".join(str(cell) for cell in cells) + " |\n")
    sys.stdout.flush()


def lesson(bench: Workbench, written: str, encoder: str) -> Lesson:
    """ "NAME=LABEL+LABEL", or a label: all its clips against all clips of other labels."""
    name, _, labels = written.partition("=")
    own = set((labels or name).split("+"))
    clips = [clip for clip in bench.collection(encoder).clips if clip.label]
    return Lesson(name, tuple(Example(clip.clip_id, name if clip.label in own else NONE) for clip in clips), encoder)


def tell(bench: Workbench, label: str, encoder: str) -> None:
    trial = Teacher(bench).try_out(lesson(bench, label, encoder))
    label = trial.concept.name
    held = trial.held_out
    of, swept = material(held), curves.sweep(material(held))
    precision, area, said = curves.average_precision(swept), curves.roc_area(swept), curves.reliability(held)
    sys.stdout.write(
        f"\n**{label}** ({trial.concept.head.kind}): {len(of.positives)} examples of {len(set(of.positive_sources))} sources "
        f"against {len(of.negatives)} of {len(set(of.negative_sources))}, {footage(of.hours)} of other footage; average "
        f"precision {precision.value:.2f} ({precision.low:.2f} to {precision.high:.2f}), area under the ROC curve "
        f"{area.value:.2f} ({area.low:.2f} to {area.high:.2f}), expected calibration error {said.error:.2f}\n\n"
    )
    say(
        "asked for",
        "of the same scores: found",
        "false alarms an hour",
        "can promise",
        "left-out sources: kept",
        "found",
        "judged",
    )
    say(*["---"] * 7)
    for written in TARGETS:
        target = Target.parse(written)
        chosen, kept = threshold(held, 0, target), check(held, 0, target)
        alarms = chosen.false_alarms_per_hour
        value = kept.kept.value, kept.kept.low, kept.kept.high
        got = [rate(one) if target.kind == "false-alarms" else percent(one) for one in value]
        say(
            target.told,
            f"{chosen.found} of {chosen.positives}",
            f"{rate(alarms.value)} ({rate(alarms.low)} to {rate(alarms.high)})",
            "yes" if chosen.possible else f"no: {chosen.needs}",
            f"{got[0]} ({got[1]} to {got[2]})",
            f"{kept.found} of {kept.positives}",
            kept.verdict or "nothing to see",
        )
    sys.stdout.write(f"\n> {threshold(held, 0, Target()).sentence}\n>\n> {check(held, 0, Target()).sentence}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--labels", nargs="+", default=list(LABELS))
    parser.add_argument("--encoder", default="fused")
    asked = parser.parse_args(arguments)
    with Workbench(Settings.from_environment(home=asked.library, encoder=asked.encoder)) as bench:
        for label in asked.labels:
            tell(bench, label, asked.encoder)


if __name__ == "__main__":
    main()
