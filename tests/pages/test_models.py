"""Models: what each encoder needs, how its weights get here, which one to take, where two disagree."""

from __future__ import annotations

import dataclasses
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from core import encoders, weights
from core.clips import ClipEmbeddings, Window
from core.encoders import registry, stored
from pages.parts import bench as benches
from pages.parts import models_words
from pages.parts.models_errand import text
from pages.parts.state import key
from tests.pages.conftest import press, sound, texts

GONE = "http://127.0.0.1:9/X3D_S.pyth"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No weights at all, and no host that could be reached by mistake."""
    monkeypatch.setenv("MOTIONBOOK_CACHE", str(tmp_path / "cache"))
    publish_at(GONE, monkeypatch)
    return tmp_path / "cache"


def publish_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = registry.row("x3d_s")
    assert row.spec.weights
    spec = dataclasses.replace(row.spec, weights=dataclasses.replace(row.spec.weights, url=url))
    for name in ("ROWS", "_known"):
        monkeypatch.setattr(registry, name, {**getattr(registry, name), "x3d_s": dataclasses.replace(row, spec=spec)})


def written(at) -> str:
    """What stands in the pieces of HTML."""
    return "\n".join(element.proto.body for element in at.get("html"))


def wait(bench) -> None:
    bench.errands.join(60)
    assert bench.errands.state.ended


def pretend(name: str, cache: Path) -> str:
    """Weights that are here by name and size; gives the fingerprint."""
    spec = encoders.spec(name)
    assert spec.weights
    tensors = {"a": np.ones(1, np.float32)}
    sha256 = spec.weights.sha256 or "ab" * 32
    stored.write(weights.folder(spec, cache), name, tensors, sha256=sha256, source="a test", licence="")
    return spec.fingerprint(weights.weights_sha256(spec, cache))


# -- the list -----------------------------------------------------------------------------------------------------------


def test_every_encoder_is_shown_with_what_it_needs(screen):
    at = sound(screen("models"))
    names = [spec.name for spec in map(encoders.spec, encoders.names())]
    for name in names:
        assert f'<span class="mb-name">{name}</span>' in written(at)
    assert "Weights missing" in written(at) and "Inception I3D · 0 of 2 ready" in texts(at)
    ready = sum(weights.status(encoders.spec(name), Path("/nowhere")).ready for name in names)
    assert f"{ready} of {len(names)} encoders are ready" in texts(at)


def test_filters_come_from_the_link(screen):
    assert "mb-state mb-lacking" not in written(sound(screen("models", ready="true")))
    shown = written(sound(screen("models", has="quo vadis")))
    assert ">i3d-rgb<" in shown and ">x3d_s<" not in shown
    assert ">toy<" not in written(sound(screen("models", stream="optical flow")))
    assert "No encoder passes these filters" in texts(sound(screen("models", has="zebra")))
    table = sound(screen("models", **{"as": "Table"})).dataframe[0].value
    assert list(table["encoder"]) == list(encoders.names())


def test_without_weights_the_exact_file_and_its_place_are_named_and_nothing_else_is_offered(library, screen, workbench, cache):
    at = sound(screen("models", model="x3d_s", has="x3d_s"))
    (warning,) = [element.value.replace("\\", "") for element in at.warning]
    assert "X3D_S.pyth" in warning and str(cache / "weights" / "x3d_s") in warning
    assert [code.value for code in at.code] == [
        f"curl -L -o X3D_S.pyth {GONE}",
        "python -m core weights import x3d_s X3D_S.pyth",
    ]
    bench = workbench()
    assert "x3d_s" not in [spec.name for spec in bench.encoders()]
    with pytest.raises(weights.keeping.WeightsMissing, match=r"X3D_S\.pyth"):
        bench.enqueue(bench.missing("toy"), "x3d_s")
    assert [one.fingerprint for one in bench.library.encoders()] == [bench.fingerprint("toy")], "nobody stood in for it"


def test_a_link_to_no_encoder_says_so(screen):
    assert "must be one of" in texts(sound(screen("models", model="no-such")))


# -- getting weights ----------------------------------------------------------------------------------------------------


def test_a_download_that_cannot_work_says_so_and_names_the_other_way(screen, workbench):
    at = sound(screen("models", model="x3d_s", has="x3d_s"))
    sound(press(at, "Download the weights"))
    wait(workbench())
    told = texts(sound(at.run()))
    assert "Fetching the weights of x3d_s did not work" in told and "must be reachable" in told
    assert "the commands for another machine" in told


class _Dribble(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 1000)
                time.sleep(0.01)
        except OSError:
            return  # nobody listens any more

    def log_message(self, *_) -> None: ...


def test_a_download_can_be_cancelled_and_resumed(screen, workbench, monkeypatch):
    with ThreadingHTTPServer(("127.0.0.1", 0), _Dribble) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        publish_at(f"http://127.0.0.1:{server.server_address[1]}/X3D_S.pyth", monkeypatch)
        bench = workbench()
        bench.shelf.fetch("x3d_s")
        while not bench.errands.state.progress.done:
            time.sleep(0.01)
        at = sound(screen("models", has="x3d_s"))
        assert "Under way" in texts(at)
        sound(press(at, "Cancel"))
        wait(bench)
        server.shutdown()
    at = sound(at.run())
    assert "stopped. What came so far is kept" in texts(at)
    assert "Resume download" in texts(at) and bench.shelf.status("x3d_s").partial_bytes > 0


def test_a_folder_is_imported_and_each_file_told(screen, workbench, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "X3D_M.pyth").write_bytes(b"broken")
    (tmp_path / "disk" / "notes.txt").write_text("hello")
    at = sound(screen("models", has="x3d_m"))
    at.text_input(key=key("weights", "path")).set_value(str(tmp_path / "disk")).run()
    sound(press(at, "Import"))
    wait(workbench())
    at = sound(at.run())
    assert "0 files imported of 2 looked at, 1 refused" in texts(at)
    told = at.dataframe[0].value
    assert list(zip(told["file"], told["became"], told["encoder"], strict=True)) == [
        ("X3D_M.pyth", "damaged", "x3d_m"),
        ("notes.txt", "unknown", "–"),
    ]


def test_nothing_typed_and_a_wrong_file_dropped_are_told(screen, workbench):
    at = sound(screen("models", has="x3d_m"))
    assert "must name a folder or file" in texts(sound(press(at, "Import")))
    at = sound(screen("models", model="i3d-rgb", has="i3d-rgb"))
    at.file_uploader[-1].set_value(("../../x.ckpt", b"not these", "application/octet-stream")).run()
    sound(press(at, "Import the dropped file"))
    bench = workbench()
    wait(bench)
    told = texts(sound(at.run()))
    source = encoders.spec("i3d-rgb").weights
    assert source and source.sha256 in told and "x.ckpt" in told, "both hashes are named"
    assert not list(bench.settings.home.rglob("*.ckpt")), "what was dropped is not left behind"


def test_weights_that_are_here_are_checked(screen, workbench, cache):
    pretend("x3d_s", cache)
    at = sound(screen("models", model="x3d_s", has="x3d_s"))
    assert not at.warning and "Download" not in texts(at).partition("Check every byte")[2]
    sound(press(at, "Check every byte"))
    wait(workbench())
    assert "Every byte of x3d_s" in sound(at.run()).success[0].value.replace("\\", "")


# -- choosing -----------------------------------------------------------------------------------------------------------


def test_choosing_needs_clips(screen):
    assert "there are none yet" in texts(sound(screen("models", part="Choose")))


def test_an_encoder_is_taken_up_and_the_choice_lasts(library, screen, workbench, monkeypatch):
    monkeypatch.delenv("MOTIONBOOK_ENCODER")
    at = sound(screen("models", part="Choose"))
    assert "In use now: i3d-rgb" in texts(at)
    at.selectbox(key=key("choose", "target")).set_value("toy").run()
    assert "It has seen every clip" in texts(at)
    sound(press(at, "Use toy from now on"))
    assert workbench().default == "toy" and "In use now: toy" in texts(at)
    benches.workbench.clear()  # the app is started again
    assert workbench().default == "toy"


def test_what_an_encoder_has_not_seen_is_said_and_embedding_it_is_a_job(library, screen, workbench, cache):
    pretend("x3d_s", cache)
    at = sound(screen("models", part="Choose"))
    at.selectbox(key=key("choose", "target")).set_value("x3d_s").run()
    assert "It has not seen 6 clips yet" in texts(at) and "toy goes on answering" in texts(at)
    assert "MOTIONBOOK_ENCODER is set to toy" in texts(at), "the tests set it"
    assert next(button for button in at.button if "from now on" in button.label).disabled
    sound(press(at, "Embed the library with x3d"))
    (job,) = [job for job in workbench().library.jobs() if job.encoder == "x3d_s"]
    assert job.total == 6
    workbench().library.cancel_job(job.job_id)


def test_measuring_is_an_errand_with_its_failures_told(library, screen, workbench, cache):
    pretend("x3d_s", cache)  # a file that holds no network
    at = sound(screen("models", part="Choose"))
    at.multiselect(key=key("choose", "which")).set_value(["toy", "x3d_s"]).run()
    sound(press(at, "Measure speed and quality"))
    wait(workbench())
    at = sound(at.run())
    assert "x3d_s: weights" in texts(at) and "fetch" in texts(at)
    table = at.dataframe[0].value
    assert {"toy", "x3d_s"} <= set(table["encoder"]) and table["for a minute of video"][0] != "–"


# -- disagreeing --------------------------------------------------------------------------------------------------------


def test_one_encoder_has_nobody_to_disagree_with(library, screen):
    assert "Two encoders must have seen the library" in texts(sound(screen("models", part="Disagree")))


def test_two_encoders_disagree_about_pairs_that_play(library, screen, workbench, cache):
    fingerprint = pretend("x3d_s", cache)
    bench = workbench()
    bench.library.remember_encoder(fingerprint, "x3d_s", 2048, {})
    rng = np.random.default_rng(0)
    for clip in bench.library.clips():
        vectors = rng.standard_normal((1, 2048)).astype(np.float32)
        bench.library.add_embeddings(clip.clip_id, ClipEmbeddings(fingerprint, (Window(0.0, 1.0),), vectors))
    at = sound(screen("models", part="Disagree"))
    assert "toy and x3d_s" in texts(at) and "of all pairs" in texts(at)
    assert [metric.label for metric in at.metric] == ["Shared neighbours", "Rank correlation", "CKA"]
    assert len(at.get("video")) == 2 and len(at.get("plotly_chart")) == 1
    pairs = at.selectbox(key=key("disagree", "pair"))
    assert len(pairs.options) > 1 and "not in" in pairs.options[0]
    sound(pairs.set_value(pairs.options[-1] if isinstance(pairs.value, str) else (1, 0)).run())
    at.selectbox(key=key("disagree", "b")).set_value("toy").run()
    assert "Choose two different encoders" in texts(sound(at))


# -- words --------------------------------------------------------------------------------------------------------------


def test_addresses_become_links_and_nothing_else_does():
    told = models_words.linked('A <b> 2020, arXiv:2004.04730; at https://x.org/a?b=1&c="d".')
    assert '<a href="https://arxiv.org/abs/2004.04730"' in told and "&lt;b&gt;" in told
    assert '<a href="https://x.org/a?b=1&amp;c="' in told and '"d"' not in told


def test_every_state_of_weights_has_words():
    assert set(models_words.STATES) == set(weights.STATES)
    assert models_words.short("Apache-2.0 (its authors' repository)") == "Apache-2.0"
    assert models_words.seconds(2.66667).replace("\u00a0", " ") == "2.67 s"


def test_progress_is_told_in_bytes_for_downloads_and_in_steps_otherwise():
    from core.clips import Progress
    from core.errands import ErrandState

    told = text(ErrandState("Fetching the weights of x", Progress(2_000_000, 4_000_000), 0.0), 10.0).replace("\u00a0", " ")
    assert "2.0 MB of 4.0 MB · 10 s left" in told
    assert "3 of 7 · run" in text(ErrandState("Comparing encoders", Progress(3, 7, "run"), 0.0), 1.0)
