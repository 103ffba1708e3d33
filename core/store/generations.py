"""The folders an index lives in, one after the other.

index/
├── CURRENT      the name of the generation in use, swapped atomically
├── OPEN         there while an index is open: "opening", then "in use"; gone after a clean close
├── SEAL         sha256 of each graph file of the generation, as Chroma completed it last
└── gen-1f2e3d4c one generation; names are never used twice, since Chroma keeps its clients by path
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from pathlib import Path

from core.errors import LibraryDamaged
from core.store.files import empty_folder, make_folder, remove_file, storage_errors, write_whole

OPENING, IN_USE = "opening", "in use"
_Signature = tuple[Path, tuple[tuple[Path, int, int], ...]]


class Generations:
    """All methods raise StorageFailed where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self._folder = make_folder(folder)
        self._current, self._mark = folder / "CURRENT", folder / "OPEN"
        self._seal = folder / "SEAL"
        self._sealed_as: _Signature | None = None

    def mark(self) -> str | None:
        """What the last process left: None after a clean close."""
        return _read(self._mark)

    def set_mark(self, text: str) -> None:
        self._write(self._mark, text)

    def clear_mark(self) -> None:
        remove_file(self._mark)

    def seal(self, folder: Path) -> None:
        """Write down what the graph files of a generation are now; quick when they have not changed since.

        Only between two calls of the index: Chroma writes them within its calls, never behind our back (tried out).
        """
        with storage_errors("looking at the index"):
            signature = folder, tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in _graph_files(folder))
        if signature != self._sealed_as:
            self._write(self._seal, _digests(folder))
            self._sealed_as = signature

    def sealed(self, folder: Path) -> bool:
        """Whether the graph files of a generation are byte for byte as they were sealed. Reads them all."""
        return _read(self._seal) == _digests(folder)

    def current(self) -> Path | None:
        """The generation in use; None when there never was one. Raises LibraryDamaged when the pointer leads nowhere."""
        name = _read(self._current)
        if name is None and not any(self._folder.glob("gen-*")):
            return None
        if not name or not name.startswith("gen-") or "/" in name or not (self._folder / name).is_dir():
            raise LibraryDamaged(f"CURRENT of the index names no generation ({(name or '')[:40]!r})")
        return self._folder / name

    def fresh(self) -> Path:
        """A new, empty folder."""
        folder = self._folder / f"gen-{secrets.token_hex(4)}"
        with storage_errors("making a folder for the index"):
            folder.mkdir()
        return folder

    def adopt(self, folder: Path) -> None:
        """From here on ``folder`` is the generation in use."""
        self._write(self._current, folder.name)

    def sweep(self) -> None:
        """Remove whatever is not in use; what cannot be removed now is tried again the next time."""
        keep = {_read(self._current), self._current.name, self._mark.name, self._seal.name}
        for path in self._folder.iterdir():
            if path.name not in keep:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove every generation, so that no vector is left here."""
        empty_folder(self._folder)

    def _write(self, path: Path, text: str) -> None:
        write_whole(path, lambda temporary: temporary.write_text(text + "\n"), temp=self._folder, suffix=".tmp")


class NoGenerations(Generations):
    """For an index without files. ``folder`` is only there for what an index with files may have left in it."""

    def __init__(self, folder: Path) -> None:
        self._leftover = folder

    def mark(self) -> str | None:
        return None

    def set_mark(self, text: str) -> None:
        pass

    def clear_mark(self) -> None:
        pass

    def seal(self, folder: Path) -> None:
        pass

    def sealed(self, folder: Path) -> bool:  # noqa: ARG002
        return True

    def current(self) -> Path | None:
        return None

    def fresh(self) -> Path:
        return self._leftover

    def adopt(self, folder: Path) -> None:
        pass

    def sweep(self) -> None:
        pass

    def forget(self) -> None:
        if self._leftover.is_dir():
            empty_folder(self._leftover)


def _graph_files(folder: Path) -> list[Path]:
    """All but the database on top, which is SQLite and survives kills by itself."""
    return sorted(path for path in folder.glob("*/**/*") if path.is_file())


def _digests(folder: Path) -> str:
    found = {}
    with storage_errors("reading the index"):
        for path in _graph_files(folder):
            with path.open("rb") as stream:
                found[str(path.relative_to(folder))] = hashlib.file_digest(stream, "sha256").hexdigest()
    return json.dumps(found)


def _read(path: Path) -> str | None:
    """The text of a small file, stripped; None when it is not there, "" when it cannot be read as text."""
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return ""
