"""Files for other tools: read back by numpy and csv, and nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest

from core.clips import Gallery, Provenance
from core.comparing import Matrix, by_clip, compare, side
from core.errors import StorageFailed
from core.exporting import comparison_csv, matrix_csv, save_npz, write_bytes
from core.queries import parse
from tests.core.test_comparing import COMPASS, clip, collection

PROVENANCE = Provenance("toy", "toy-1", 2, 2, "0.1.0")


def test_an_npz_is_what_it_says(tmp_path: Path) -> None:
    clips = [clip("a", "läuft", "anna"), clip("b")]
    ids = (clips[0].clip_id, clips[0].clip_id, clips[1].clip_id)
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    gallery = Gallery("toy-1", ids, vectors, np.asarray([0.0, 0.5, 0.0]), np.asarray([1.0, 1.5, 0.8]))
    save_npz(tmp_path / "out.npz", gallery, {one.clip_id: one for one in clips}, PROVENANCE)
    with np.load(tmp_path / "out.npz", allow_pickle=False) as found:
        assert sorted(found) == ["clip_ids", "embeddings", "end_seconds", "labels", "provenance", "sources", "start_seconds"]
        assert found["embeddings"].dtype == np.float32
        np.testing.assert_array_equal(found["embeddings"], vectors)
        assert found["clip_ids"].tolist() == list(ids)
        assert found["labels"].tolist() == ["läuft", "läuft", ""] and found["sources"].tolist() == ["anna", "anna", ""]
        assert found["start_seconds"].tolist() == [0.0, 0.5, 0.0] and found["end_seconds"].tolist() == [1.0, 1.5, 0.8]
        assert json.loads(str(found["provenance"])) == PROVENANCE.as_dict()


def test_a_matrix_as_csv_keeps_names_as_text_and_gaps_empty() -> None:
    names = ('=HYPERLINK("http://x")', "+1", "-1", "@a", "a,b\n", "plain")
    values = np.full((6, 6), math.nan)
    values[0, 1] = -0.1234567
    rows = list(csv.reader(io.StringIO(matrix_csv(Matrix(names, values, values, names)))))
    assert [row[0] for row in rows[1:]] == rows[0][1:] == ["'" + names[0], "'+1", "'-1", "'@a", "a,b\n", "plain"]
    assert rows[1][1:] == ["", "-0.123457", "", "", "", ""]


def test_a_matrix_of_clips_is_read_back() -> None:
    matrix = by_clip(COMPASS)
    rows = list(csv.reader(io.StringIO(matrix_csv(matrix))))
    assert np.asarray(rows[1:])[:, 1:].astype(float) == pytest.approx(matrix.similarity)


def test_a_comparison_as_csv() -> None:
    sides = [side(parse(text), COMPASS, None) for text in ("label:run", "label:walk")]
    rows = list(csv.DictReader(io.StringIO(comparison_csv(compare(sides, COMPASS, None)))))
    assert [(row["a"], row["b"], row["pairs"]) for row in rows] == [
        ("label:run", "label:run", "1"),
        ("label:run", "label:walk", "2"),
        ("label:walk", "label:walk", "1"),
    ]
    assert [abs(float(row["similarity"])) for row in rows] == [0, 0, 0] and rows[0]["percentile"] == "50.000000"
    alone = collection((clip("a", "run", "anna"), [1, 0]), (clip("b", "run", "anna"), [0, 1]))
    (row,) = csv.DictReader(io.StringIO(comparison_csv(compare([side(parse("label:run"), alone, None)], alone, None))))
    assert (row["similarity"], row["raw_cosine"], row["percentile"], row["pairs"]) == ("", "", "", "0")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="no-such-folder"):
        write_bytes(tmp_path / "no-such-folder" / "out.csv", b"")
