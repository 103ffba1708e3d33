"""The story of teaching and watching in a real browser: a fight from six clips, waving from three people, both found elsewhere.

    python -m tests.browser.teaching HOME FOLDER

tells it on the real clips in a new library at HOME, which must not be there yet; FOLDER gets a screenshot of each step.
tests/browser/test_teaching.py tells it on fewer of them. The clips that a concept is taught from and the footage it is looked for
in have no source in common. The footage in the dark is the one by daylight, darkened here: the set has nobody who waves at night.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from benchmarks.footage import FPS, HEIGHT_PX, WIDTH_PX, Truth, join, paced
from benchmarks.watch_tasks import fights
from core.decoding.writing import write_mp4
from tests.browser.driving import browser, running_app, settle
from tests.browser.storytelling import listen, upload
from tests.conftest import clips_folder

TEACHING_MS = 300_000
SCAN = "new URLSearchParams(location.search).get('scan')"
LIGHT, GAMMA = 0.3, 1.8  # of the darkened footage: its brightest picture element is at three tenths, the dim ones nearly black
OTHERS = ("walk", "bend", "jack")
Shot = Callable[[Page, str], None]
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Scene:
    """A concept to teach, the files it is taught from, and footage with its truth."""

    concept: str
    positives: tuple[Path, ...]
    negatives: tuple[Path, ...]
    footage: Path
    truth: Truth

    @property
    def happens(self) -> list[tuple[float, float]]:
        """Seconds of the footage that show it."""
        return [(piece.start_seconds, piece.end_seconds) for piece in self.truth.pieces if piece.label == self.concept]


def a_fight(clips: Path, folder: Path, *, most: int | None = None) -> Scene:
    """Six fights and six calm recordings of CCTV are taught; fights of other rooms are joined with calm ones and a street."""
    task, film = fights(clips), folder / "yard.mp4"
    truth = join(task.items[:most], film)
    names = (("fight", task.positives), ("noFight", task.negatives))
    positives, negatives = (tuple(clips / "surv_fight" / kind / name for name in of) for kind, of in names)
    return Scene("fight", positives, negatives, film, truth)


def waving(clips: Path, folder: Path, *, waves: Sequence[str] = ("wave1", "wave2")) -> Scene:
    """Three people wave and do other things; a fourth, whom nobody taught, is looked for."""

    def of(person: str, action: str) -> Path:
        return clips / "weizmann" / action / f"{person}_{action}.avi"

    three = ("daria", "denis", "eli")
    film = folder / "daylight.mp4"
    later = [(of("ido", action), "waving" if action in waves else "other") for action in ("walk", *waves, *OTHERS[1:], waves[-1])]
    return Scene(
        "waving",
        tuple(of(person, action) for action in waves for person in three),
        tuple(of(person, action) for action in OTHERS for person in three),
        film,
        join(later, film),
    )


def darkened(scene: Scene) -> Scene:
    """The same footage as a camera sees it in bad light."""
    film = scene.footage.with_name("night.mp4")
    pictures = paced(scene.footage, FPS, WIDTH_PX, HEIGHT_PX, (0.0, 3600.0))
    table = np.round(255 * LIGHT * (np.arange(256) / 255) ** GAMMA).astype(np.uint8)
    write_mp4(film, (table[picture] for picture in pictures), FPS)
    return Scene(scene.concept, scene.positives, scene.negatives, film, scene.truth)


def laid_out(folder: Path, scenes: Sequence[Scene]) -> int:
    """Everything in folders that give labels, ready to be dropped; how many files."""
    for scene in scenes:
        piles = {scene.concept: scene.positives, f"no {scene.concept}": scene.negatives, "footage": (scene.footage,)}
        for label, files in piles.items():
            (folder / label).mkdir(parents=True, exist_ok=True)
            for file in files:
                shutil.copy(file, folder / label / file.name)
    return sum(path.is_file() for path in folder.rglob("*"))


def taught(page: Page, address: str, scene: Scene, target: str) -> None:
    """From clips that a link names, for a target that people understand; what the threshold promises is said."""
    examples = f"{_examples('positive', scene.positives)}&{_examples('negative', scene.negatives)}"
    page.goto(f"{address}/teach?name={scene.concept}&{examples}")
    settle(page)
    page.get_by_text(target, exact=True).first.click()
    settle(page)
    page.get_by_role("button", name="Teach it", exact=True).click()
    expect(page.get_by_text("on sources left out").first).to_be_visible(timeout=TEACHING_MS)
    settle(page)


def told_apart(page: Page) -> None:
    """One false alarm an hour was asked for, and the page said that six clips cannot promise it: what tells them apart, then."""
    expect(page.get_by_text("can promise no better than").first).to_be_visible()
    page.get_by_text("Automatic", exact=True).first.click()
    settle(page)
    page.get_by_role("button", name="Set the threshold").click()
    expect(page.get_by_text("Tells the examples best apart").first).to_be_visible()
    settle(page)


def flagged(page: Page, address: str, scene: Scene) -> list[tuple[int, float, float]]:
    """A dry run over the footage; the flags as (id, from, to) as the page lists them."""
    clip_id = _id(scene.footage)
    page.goto(f"{address}/watch?concept={scene.concept}&where=clips:{clip_id}")
    settle(page)
    shown = page.evaluate(SCAN)
    page.get_by_role("button", name="Dry run").click()
    page.wait_for_function(f"(before) => ({SCAN}) !== before", arg=shown)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=TEACHING_MS)
    expect(page.get_by_text("Would have fired").first).to_be_visible(timeout=TEACHING_MS)
    settle(page)
    if page.get_by_text("Nothing fired.").count():
        return []
    page.locator(".watching[data-ready=yes]").wait_for()
    settle(page)
    rows = page.locator(".w-row")
    spans = [re.findall(r"[\d:.]+", text) for text in rows.locator(".w-span").all_inner_texts()]
    ids = [int(row.get_attribute("data-flag") or 0) for row in rows.all()]
    return [(flag, _seconds(span[0]), _seconds(span[1])) for flag, span in zip(ids, spans, strict=True)]


def judged(page: Page, scene: Scene, flags: Sequence[tuple[int, float, float]]) -> tuple[int, int]:
    """Each flag accepted or rejected by key as the truth has it; how many of each."""
    right = [any(start < end and begin < stop for begin, end in scene.happens) for _, start, stop in flags]
    page.locator(".w-row").first.click()
    for at, good in enumerate(right):
        row = page.locator(f".w-row[data-flag='{flags[at][0]}']")
        row.click()
        page.keyboard.press("a" if good else "r")
        expect(row).to_have_attribute("data-verdict", "accepted" if good else "rejected")
    expect(page.get_by_text(f"· {sum(right)} accepted · ")).to_be_visible()
    settle(page)
    return sum(right), len(right) - sum(right)


def cut_list(page: Page, flags: int) -> str:
    """The flags as FFmpeg takes them."""
    page.get_by_role("button", name=f"Take {flags} flag").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Cut list for FFmpeg").click()
    return Path(waiting.value.path()).read_text(encoding="utf-8")


def _examples(name: str, files: Sequence[Path]) -> str:
    return f"{name}=clips:{','.join(_id(file) for file in files)}"


def _id(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:12]


def _seconds(text: str) -> float:
    """Of "1:02.5" or "2.5"."""
    minutes, _, seconds = text.rpartition(":")
    return 60 * float(minutes or 0) + float(seconds)


def found(scene: Scene, flags: Sequence[tuple[int, float, float]]) -> tuple[int, int, int]:
    """How many of the times it happens a flag touches, of how many; and how many flags touch none."""
    touched = [any(start < end and begin < stop for _, start, stop in flags) for begin, end in scene.happens]
    false = [not any(start < end and begin < stop for begin, end in scene.happens) for _, start, stop in flags]
    return sum(touched), len(touched), sum(false)


def tell(page: Page, address: str, clips: Path, scratch: Path, shot: Shot, say: Say) -> None:
    """All of it; ``say`` hears what was found."""
    fight, day = a_fight(clips, scratch), waving(clips, scratch)
    night = darkened(day)
    count = laid_out(scratch / "all", [fight, day, night])
    page.goto(f"{address}/library")
    settle(page)
    upload(page, scratch / "all", count)
    for scene, target in ((fight, "False alarms"), (day, "Automatic"), (night, "")):
        if target:
            taught(page, address, scene, target)
            shot(page, f"{scene.concept}-taught")
        if target == "False alarms":
            told_apart(page)
            shot(page, f"{scene.concept}-automatic")
        flags = flagged(page, address, scene)
        shot(page, f"{scene.footage.stem}-flags")
        if flags:
            right, wrong = judged(page, scene, flags)
            shot(page, f"{scene.footage.stem}-judged")
            touched, times, _ = found(scene, flags)
            say(f"{scene.footage.stem}: {touched} of {times} found, {right} flags accepted, {wrong} rejected")
            say(cut_list(page, len(flags)))
    page.goto(f"{address}/teach?concept=fight")
    settle(page)
    shot(page, "fight-afterwards")


def main(home: Path, folder: Path) -> None:
    clips = clips_folder()
    assert clips, "set MOTIONBOOK_CLIPS to the folder of the real clips"
    assert not home.exists(), f"{home} must not be there yet"
    folder.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []
    with tempfile.TemporaryDirectory() as scratch, running_app(home) as address, browser(Path(scratch) / "profile") as context:
        page = context.new_page()
        listen(page, complaints)
        shot = lambda page, name: page.screenshot(path=folder / f"teach-{name}.png", full_page=True)  # noqa: E731
        tell(page, address, clips, Path(scratch), shot, lambda text: sys.stdout.write(f"{text}\n"))
        page.close()
    sys.exit("\n".join(complaints) or None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
