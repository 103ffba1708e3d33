"""Flags as files of other programs: what those read back is what was flagged, whatever the names are."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core import cutlists
from core.clips import Framing
from core.cutlists import Cut
from core.decoding import Decoder
from core.decoding.writing import write_mp4
from core.errors import BadInput, Cancelled
from core.flags import Flag
from core.manifest import Item
from core.workbench import Workbench
from tests.tiny import toy_bench

HOSTILE = '=HYPERLINK("http://x";"a")\n-->\t<b>&"\', #1.mp4'
FPS = 10


def flag(start: float = 1.0, end: float = 2.5, **more: object) -> Flag:
    return Flag("fight", start, end, (start + end) / 2, 0.61, 0.93, 1.25, **{"path": "/films/yard.mp4", **more})  # type: ignore[arg-type]


def cut(name: str = "yard.mp4", **more: object) -> Cut:
    made = flag(**more)  # type: ignore[arg-type]
    return Cut(made, name, Path(made.path or "/media/ab"))


def rows(content: bytes) -> list[dict[str, str]]:
    lines = io.StringIO(content.decode(), newline="")
    while (before := lines.tell(), lines.readline().startswith("# "))[1]:
        pass
    lines.seek(before)
    return list(csv.DictReader(lines))


def test_a_table_holds_what_was_flagged() -> None:
    content = cutlists.as_csv([cut(flag_id=7, verdict="accepted")], {"concept": "fight"})
    assert content.startswith(b"# concept: fight\n")
    assert rows(content) == [
        {
            **{"flag": "7", "concept": "fight", "name": "yard.mp4", "start_seconds": "1.0", "end_seconds": "2.5"},
            **{"peak_seconds": "1.75", "similarity": "0.61", "confidence": "0.93", "score": "1.25"},
            **{"verdict": "accepted", "clip": "", "path": "/films/yard.mp4"},
        }
    ]


@pytest.mark.parametrize("name", [HOSTILE, "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", 'a","b', "line\nend"])
def test_a_hostile_name_stays_one_text_in_one_cell(name: str) -> None:
    (row,) = rows(cutlists.as_csv([cut(name, path=f"/{name}")], {"films": name}))
    assert row["name"].lstrip("'") == name and row["path"] == f"/{name}"
    assert row["name"][0] not in "=+-@\t\r", "a spreadsheet would run it"
    assert row["end_seconds"] == "2.5", "no cell was pushed aside"


def test_bytes_that_are_no_text_are_written_all_the_same() -> None:
    odd = cut(path="/films/\udcff.mp4")
    assert rows(cutlists.as_csv([odd], {}))[0]["path"] == "/films/\\udcff.mp4"
    assert json.loads(cutlists.as_json([odd], {}))["flags"][0]["file"] == "/films/\udcff.mp4"
    assert b"file '/films/\xff.mp4'" in cutlists.as_ffconcat([odd], {}), "the file system's own bytes"


def test_json_says_each_flag_as_a_scan_does() -> None:
    told = json.loads(cutlists.as_json([cut(HOSTILE), cut(clip_id="ab" * 32, path="")], {"concept": "fight"}))
    assert told["about"] == {"concept": "fight"}
    first, second = told["flags"]
    assert {**first, **flag().as_dict()} == first
    assert (first["name"], first["file"]) == (HOSTILE, "/films/yard.mp4")
    assert second["clip"] == "ab" * 32 and "file" not in second


def test_cues_are_in_order_and_end_after_they_begin() -> None:
    later, point = cut(start=3725.0004, end=3726.5), cut(start=2.0, end=2.0)
    blocks = cutlists.as_vtt([later, point], {}).decode().split("\n\n")
    assert blocks[0] == "WEBVTT"
    assert [block.splitlines()[1] for block in blocks[1:]] == [
        "00:00:02.000 --> 00:00:02.001",
        "01:02:05.000 --> 01:02:06.500",
    ]


def test_a_hostile_concept_cannot_end_its_cue_or_begin_another() -> None:
    nasty = Flag("a\n\n00:00.000 --> 00:01.000\n<c.x>&amp;", 1.0, 2.0, 1.5, 0.5, 0.9, path="/f")
    text = cutlists.as_vtt([Cut(nasty, "f", Path("/f"))], {"films": "x\n\n--> y"}).decode()
    assert text.count("-->") == 1 and len(text.split("\n\n")) == 3
    assert "a 00:00.000 --&gt; 00:01.000 &lt;c.x&gt;&amp;amp; (confidence 0.90" in text


def test_one_webvtt_has_one_clock() -> None:
    with pytest.raises(BadInput, match="must be of one film"):
        cutlists.as_vtt([cut(), cut(path="/other.mp4")], {})


def entries(content: bytes) -> list[str]:
    """Of a cut list its paths, read as FFmpeg's documentation says: apostrophes hold literal text, a backslash one letter."""
    found = []
    for line in content.decode().splitlines():
        if line.startswith("file "):
            text, path, inside = line.removeprefix("file "), "", False
            at = 0
            while at < len(text):
                if text[at] == "'":
                    inside = not inside
                elif text[at] == "\\" and not inside:
                    at += 1
                    path += text[at]
                else:
                    path += text[at]
                at += 1
            assert not inside
            found.append(path)
    return found


@pytest.mark.parametrize("path", ["/films/it's.mp4", "/'", "/a\\'b\\", "/ # file 'x'", '/"quoted" name', "/films/http:\\x.mp4"])
def test_a_cut_list_names_the_file_whatever_it_is_called(path: str) -> None:
    content = cutlists.as_ffconcat([cut("x\nfile '/etc/passwd'", path=path), cut()], {"note": "1\nfile '/etc/shadow'"})
    assert entries(content) == [path, "/films/yard.mp4"], "and no other file"
    assert content.startswith(b"ffconcat version 1.0\n") and b"\ninpoint 1.000000\noutpoint 2.500000\n" in content


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_path_with_a_line_end_is_refused_by_a_cut_list(end: str) -> None:
    with pytest.raises(BadInput, match="no line end"):
        cutlists.as_ffconcat([cut(path=f"/films/a{end}file '/etc/passwd'")], {})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Two films of 4 s, each picture a little lighter than the one before; one in the library, one beside it."""
    folder = tmp_path_factory.mktemp("cutlists")
    for number, name in enumerate(("kept.mp4", "beside.mp4")):
        write_mp4(folder / name, [np.full((32, 32, 3), 20 + 5 * one + number, np.uint8) for one in range(40)], FPS)
    with toy_bench(folder / "library") as made:
        made.run_job(made.enqueue([Item(folder / "kept.mp4", "", "", "yard = 1/2.mp4")]))
        yield made


def flags(bench: Workbench) -> list[Flag]:
    (clip,) = bench.library.clips()
    beside = str(bench.settings.home.parent / "beside.mp4")
    return [flag(0.5, 1.5, clip_id=clip.clip_id, path=""), flag(3.0, 4.2, path=beside), flag(0.5, 1.5, path=beside)]


def test_flags_are_exported_with_the_films_they_are_in(bench: Workbench) -> None:
    made = cutlists.exported(bench, flags(bench), "csv", {"encoder": "toy"})
    assert (made.name, made.mime) == ("flags.csv", "text/csv") and b"# encoder: toy\n" in made.content
    assert [row["name"] for row in rows(made.content)] == ["yard = 1/2.mp4", "beside.mp4", "beside.mp4"]


def test_each_film_has_a_webvtt_and_a_cut_list_of_its_own(bench: Workbench) -> None:
    made = cutlists.exported(bench, flags(bench), "vtt")
    assert made.name == "flags.vtt.zip"
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.namelist() == ["001 yard _ 1_2.vtt", "002 beside.vtt"]
        assert archive.read("002 beside.vtt").decode().count("-->") == 2
    with zipfile.ZipFile(io.BytesIO(cutlists.exported(bench, flags(bench), "ffconcat").content)) as archive:
        assert len(archive.namelist()) == 3 and len(entries(archive.read("all films.ffconcat"))) == 3
    assert cutlists.exported(bench, flags(bench)[1:], "vtt").name == "flags.vtt", "one film needs no ZIP"


def test_what_cannot_be_exported_is_said(bench: Workbench) -> None:
    with pytest.raises(BadInput, match="must be one of csv, json, vtt, ffconcat"):
        cutlists.exported(bench, flags(bench), "xls")
    with pytest.raises(BadInput, match="at least one"):
        cutlists.exported(bench, [], "csv")
    with pytest.raises(BadInput, match="from 1 to 200"):
        cutlists.clips(bench, flags(bench) * 67, Path("nowhere"))


def test_the_flags_are_cut_as_clips(bench: Workbench, tmp_path: Path) -> None:
    destination, steps = tmp_path / "flags.zip", []
    cutlists.zip_clips(bench, flags(bench), destination, progress=steps.append)
    assert [step.done for step in steps] == [0, 1, 2, 3]
    assert [path.name for path in tmp_path.iterdir()] == ["flags.zip"], "nothing is left beside it"
    with zipfile.ZipFile(destination) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    assert names == [
        "flags.csv",
        "001 fight in yard _ 1_2 from 0.50 to 1.50 s.mp4",
        "002 fight in beside from 3.00 to 4.00 s.mp4",
        "003 fight in beside from 0.50 to 1.50 s.mp4",
    ]
    assert shown(tmp_path / names[1]) == pytest.approx((1.0, 20 + 5 * 5), abs=4)
    assert shown(tmp_path / names[2]) == pytest.approx((1.0, 21 + 5 * 30), abs=4)


def shown(path: Path) -> tuple[float, float]:
    """Its seconds, and how light its first picture is."""
    with Decoder() as decoder:
        (frames,) = decoder.read_windows(path, [np.array([0.0])], Framing(32, 32, "whole"))
        return decoder.probe(path).duration_seconds, float(frames.mean())


def test_a_margin_stays_within_the_film_and_cutting_can_be_stopped(bench: Workbench, tmp_path: Path) -> None:
    (path,) = cutlists.clips(bench, flags(bench)[:1], tmp_path, margin_seconds=1.0)
    assert path.name == "001 fight in yard _ 1_2 from 0.00 to 2.50 s.mp4"
    with pytest.raises(Cancelled):
        cutlists.clips(bench, flags(bench), tmp_path, should_stop=lambda: True)


def test_names_of_files_are_never_too_long(tmp_path: Path) -> None:
    long = "\U00020000" * 200  # four bytes each
    made = cutlists.film_name(999, Flag(long, 1.0, 2.0, 1.5, 0.5, 0.9, path="/f"), long, (10000.0, 10001.0))
    assert len(f"{made}.part".encode()) <= 255
    (tmp_path / f"{made}.part").touch()
