"""Paths, folders and manifests become items."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import BadLabel, BadManifest
from core.manifest import Item, annotate, expand, read


def written(path: Path, content: str | bytes = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_folder_gives_its_videos_in_order(tmp_path: Path) -> None:
    for name in ("b/2.mp4", "b/10.AVI", "a/x.webm", "notes.txt", ".hidden/y.mp4", "a/.z.mp4"):
        written(tmp_path / name)
    assert [item.path.relative_to(tmp_path).as_posix() for item in expand([tmp_path])] == ["a/x.webm", "b/10.AVI", "b/2.mp4"]


def test_a_named_file_is_taken_whatever_its_name_and_whether_it_is_there(tmp_path: Path) -> None:
    assert expand([tmp_path / "gone"]) == [Item(tmp_path / "gone")]


def test_labels_come_from_folders(tmp_path: Path) -> None:
    written(tmp_path / "running" / "a.mp4")
    assert [item.label for item in expand([tmp_path], labels_from_folders=True)] == ["running"]
    assert [item.label for item in expand([tmp_path / "running"], label="jogging")] == ["jogging"]


def test_a_label_for_all_is_checked(tmp_path: Path) -> None:
    with pytest.raises(BadLabel):
        expand([tmp_path / "a.mp4"], label="a\x00b")


def test_a_manifest_is_read(tmp_path: Path) -> None:
    manifest = written(tmp_path / "m.csv", "\ufeffpath,label,group,fps\nrun/a.avi,running,anna,25\n b.avi ,,\n,,\n")
    assert read(manifest) == [Item(tmp_path / "run/a.avi", "running", "anna"), Item(tmp_path / "b.avi")]


def test_labels_and_groups_are_optional_columns(tmp_path: Path) -> None:
    assert read(written(tmp_path / "m.csv", "path\na.avi\n")) == [Item(tmp_path / "a.avi")]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "file,label\na.avi,x\n",
        b"path,label\n\xff\xfe\xff,x\n",
        "path,label\na.avi," + "x" * 500,
        'path\n"' + "x" * 200_000 + '"\n',
    ],
    ids=["empty", "no path column", "not UTF-8", "label too long", "field too long"],
)
def test_unusable_manifests_are_refused_by_name(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(BadManifest, match=r"m\.csv"):
        read(written(tmp_path / "m.csv", content))


def test_a_missing_manifest_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match=r"gone\.csv"):
        read(tmp_path / "gone.csv")


def test_a_manifest_annotates_the_files_it_names(tmp_path: Path) -> None:
    a, b = written(tmp_path / "a.avi"), written(tmp_path / "b.avi")
    said = [Item(tmp_path / "sub" / ".." / "a.avi", "running", "anna")]
    assert annotate([Item(a, "from folder"), Item(b, "kept")], said) == [Item(a, "running", "anna"), Item(b, "kept")]
