"""The graph files of Chroma's HNSW, as far as they must be cleaned.

Chroma begins ``data_level0.bin`` with places for 100 vectors, and what it has not filled yet is whatever its memory held
before: pieces of ids and vectors of erased clips were found there. Unused places are therefore blanked after each
write. The layout is that of chroma-hnswlib 0.7 (hnswalg.h, ``persistHNSWHeader``), which chromadb 1.5.9 contains.
"""

from __future__ import annotations

import struct
from pathlib import Path

from core.errors import LibraryDamaged

_HEADER = struct.Struct("<i6QiI3QdQ")  # version, level-0 offset, capacity, count, bytes per element, ...: 100 bytes in all
_VERSION = 1


def blank_unused(folder: Path) -> None:
    """Overwrite the unused places of the graph in ``folder`` with zeros. Raises LibraryDamaged for another layout."""
    header, vectors = folder / "header.bin", folder / "data_level0.bin"
    if not header.exists():
        return
    content = header.read_bytes()
    if len(content) != _HEADER.size:
        raise LibraryDamaged(f"the header of the graph ({len(content)} bytes) must have {_HEADER.size}")
    version, _, capacity, count, element_bytes, *_ = _HEADER.unpack(content)
    size = vectors.stat().st_size
    if version != _VERSION or count > capacity or not count * element_bytes <= size <= capacity * element_bytes:
        raise LibraryDamaged(f"the header of the graph (version {version}, {count} of {capacity}) must fit its {size} bytes")
    if size > count * element_bytes:
        with vectors.open("r+b") as stream:
            stream.seek(count * element_bytes)
            stream.write(bytes(size - count * element_bytes))
