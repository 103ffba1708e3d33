"""Names of the files that were worked out of clips: ``<clip id>.<name>``, where the name may hold other clips' ids as parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import BadInput
from core.store.media import checked_id

_CLIP_ID = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[\w-]+(\.[\w-]+)+")
_LONGEST = 180  # letters of a name: with the clip's id before it, a file system takes it


def derived_name(clip_id: str, name: str) -> str:
    """The file's name. Raises UnknownName for what is no clip id, BadInput for a name with other letters or without a suffix."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise BadInput(f"name ({name[:80]!r}) must be letters, digits and hyphens in parts with points between; choose another")
    return f"{checked_id(clip_id)}.{name}"


def owners(file_name: str) -> list[str]:
    """The ids of the clips that a file was worked out of; empty when it is none of ours."""
    first, *others = file_name.split(".")
    return [first, *(part for part in others if _CLIP_ID.fullmatch(part))] if _CLIP_ID.fullmatch(first) else []


def files_of(folder: Path, clip_ids: Iterable[str]) -> Iterator[Path]:
    """The files in ``folder`` that one of these clips had a part in."""
    wanted = set(clip_ids)
    return (path for path in list(folder.iterdir()) if wanted.intersection(owners(path.name))) if wanted else iter(())
