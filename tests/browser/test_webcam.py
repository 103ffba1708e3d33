"""The recorder in a real Chromium whose camera plays a real clip, and the words for a camera that is not to be had."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.cameras import camera_of
from tests.browser.driving import browser, running_app, settle
from tests.browser.storytelling import listen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SCRIPT = """
import json
from pathlib import Path
import streamlit as st
from pages.parts import webcam
from pages.parts.bench import workbench

bench = workbench()
take = None if st.toggle("Hide") else webcam.recorder(bench, key="recorder")
if take is not None:
    webcam.kept(bench, take)
    vectors = bench.takes.embeddings(take.take_id, "toy").vectors
    told = {"name": take.name, "path": str(take.path), "seconds": take.info.duration_seconds, "shape": vectors.shape}
    Path(__file__).with_suffix(".json").write_text(json.dumps(told))
"""
WATCH = """
window.streams = []; window.asked = 0;
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  window.asked += 1;
  if (window.refusal) throw new DOMException(window.refusal[1], window.refusal[0]);
  const stream = await real(wanted);
  window.streams.push(stream);
  return stream;
};
"""
SECOND = """
const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
const unplugged = {kind: "videoinput", deviceId: "gone", label: "Unplugged"};
navigator.mediaDevices.enumerateDevices = async () => [...await list(), unplugged];
"""
OUT_OF_SIGHT = """() => {
  const later = window.setTimeout;
  window.setTimeout = (act, ms) => later(act, ms === 60000 ? 0 : ms);
  Object.defineProperty(document, "hidden", {value: true, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
  window.setTimeout = later;
  delete document.hidden;
}"""
LIVE = "window.streams.flatMap(one => one.getTracks()).filter(one => one.readyState === 'live').length"
SIZE_PX = (48, 36)


@pytest.fixture(scope="module")
def clip(real_clips: Path) -> Path:
    return next((real_clips / "weizmann" / "wave1").glob("*.avi"))


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("webcam") / "script.py"
    path.write_text(SCRIPT)
    return path


@pytest.fixture(scope="module")
def page(clip: Path, script: Path) -> Iterator[Page]:
    folder, complaints = script.parent, list[str]()
    app = running_app(folder / "library", script=str(script), MOTIONBOOK_ENCODER="toy")
    with app as address, browser(folder / "profile", flags=camera_of(clip, folder / "camera.y4m")) as context:
        page = context.new_page()
        page.add_init_script(WATCH + SECOND)
        listen(page, complaints)
        page.goto(address)
        settle(page)
        yield page
    assert complaints == []


def step(page: Page, name: str) -> None:
    page.locator(f".webcam[data-step={name}]").wait_for()


def press(page: Page, name: str) -> None:
    page.locator(".webcam").get_by_role("button", name=name, exact=True).click()


def pictures(path: Path) -> np.ndarray:
    """(T, H, W) float32 grey, small."""
    with av.open(str(path)) as container:
        return np.stack([f.reformat(*SIZE_PX, "gray").to_ndarray() for f in container.decode(video=0)]).astype(np.float32)


def test_the_camera_is_asked_for_by_a_click_and_given_back(page: Page):
    assert page.evaluate("window.asked") == 0
    press(page, "Use the camera")
    step(page, "ready")
    assert page.evaluate(f"[window.asked, {LIVE}]") == [1, 1]
    press(page, "Record")
    step(page, "counting")
    page.keyboard.press("Escape")  # the focus went along to Cancel
    step(page, "ready")
    page.get_by_role("combobox", name="Camera").select_option("Unplugged")
    expect(page.get_by_role("combobox", name="Camera")).not_to_have_value("gone")  # any other camera will do
    step(page, "ready")
    assert page.evaluate(LIVE) == 1
    page.evaluate(OUT_OF_SIGHT)
    expect(page.locator(".webcam .sorry")).to_contain_text("out of sight for a minute")
    assert page.evaluate(LIVE) == 0
    press(page, "Try again")
    step(page, "ready")
    page.get_by_text("Hide").click()
    expect(page.locator(".webcam")).to_have_count(0)
    assert page.evaluate(LIVE) == 0, "a recorder that leaves the page takes its camera along"
    page.get_by_text("Hide").click()
    step(page, "idle")


@pytest.mark.parametrize(
    ("name", "message", "words"),
    [
        ("NotAllowedError", "Permission denied", "was refused to this page"),
        ("NotAllowedError", "Permission dismissed", "closed without an answer"),
        ("NotFoundError", "Requested device not found", "No camera was found"),
        ("NotReadableError", "Could not start video source", "another program may hold it"),
    ],
)
def test_a_camera_that_is_not_to_be_had_is_told_in_words(page: Page, name: str, message: str, words: str):
    page.evaluate("told => { window.refusal = told }", [name, message])
    page.locator(".webcam").get_by_role("button", name="Use the camera").or_(page.get_by_role("button", name="Try again")).click()
    expect(page.locator(".webcam .sorry")).to_contain_text(words)
    page.evaluate("delete window.refusal")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("isSecureContext", "false", "only over https or at localhost"), ("MediaRecorder", "undefined", "record no video")],
)
def test_a_browser_or_an_address_without_cameras_is_told_too(page: Page, name: str, value: str, words: str):
    asked = page.evaluate("window.asked")
    setting = f"value => Object.defineProperty(window, '{name}', {{value, configurable: true}})"
    page.evaluate(f"window.before = window.{name}; ({setting})({value})")
    press(page, "Try again")
    expect(page.locator(".webcam .sorry")).to_contain_text(words)
    page.evaluate(f"({setting})(window.before)")
    assert page.evaluate("window.asked") == asked


def test_a_take_is_the_clip_as_others_see_it_and_goes_when_it_is_thrown_away(page: Page, clip: Path, script: Path):
    press(page, "Try again")
    step(page, "ready")
    page.locator(".webcam input").fill("2")
    press(page, "Record")
    step(page, "recording")
    step(page, "review")
    assert page.evaluate(LIVE) == 0
    press(page, "Use this take")
    step(page, "used")
    settle(page)
    told = json.loads(script.with_suffix(".json").read_text())
    assert told["name"].startswith("webcam take ") and 1.8 < told["seconds"] < 2.6 and told["shape"][0] >= 1
    film, taken = pictures(clip), pictures(Path(told["path"]))
    assert len(taken) >= 20
    apart = [np.abs(film - picture).mean((1, 2)).min() for picture in taken]
    mirrored = [np.abs(film - picture[:, ::-1]).mean((1, 2)).min() for picture in taken]
    assert np.median(apart) < 4 and np.median(mirrored) > 3 * np.median(apart)
    page.get_by_role("button", name="Throw away").click()
    step(page, "idle")
    assert not Path(told["path"]).exists()
