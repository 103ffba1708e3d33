from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from core.encoders.plain_pickle import load_arrays
from core.errors import WeightsDamaged


class _Shell:
    """Unpickled by the ordinary way, this would leave a file behind."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.trace}",)


def test_nested_arrays_come_back() -> None:
    tree = {"params": {"kernel": np.arange(6, dtype=np.float32).reshape(2, 3)}, "list": [np.ones(2), 3, "text"]}
    back = load_arrays(pickle.dumps(tree, protocol=4))
    assert back["params"]["kernel"].tolist() == [[0, 1, 2], [3, 4, 5]] and back["params"]["kernel"].dtype == np.float32
    assert back["list"][1:] == [3, "text"]


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_pickle_that_runs_a_command_is_refused_and_runs_nothing(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "trace"
    content = pickle.dumps({"params": {"x": _Shell(trace)}}, protocol=protocol)
    with pytest.raises(WeightsDamaged, match="system"):
        load_arrays(content)
    assert not trace.exists()
    pickle.loads(content)  # noqa: S301  (the same bytes do run a command when read the ordinary way)
    assert trace.exists()


@pytest.mark.parametrize("value", [print, Path("x"), np.random.default_rng(0), set])
def test_anything_but_arrays_is_refused(value: object) -> None:
    with pytest.raises(WeightsDamaged):
        load_arrays(pickle.dumps(value))


def test_arrays_of_objects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsDamaged, match="system"):
        load_arrays(pickle.dumps(np.array([_Shell(tmp_path / "trace")], dtype=object)))
    with pytest.raises(WeightsDamaged, match="must hold numbers"):
        load_arrays(pickle.dumps({"a": [np.array(["text", 1], dtype=object)]}))


def test_every_truncation_is_damage_and_nothing_else() -> None:
    content = pickle.dumps({"a": np.arange(4, dtype=np.float32)}, protocol=4)
    for length in range(len(content) - 1):
        with pytest.raises(WeightsDamaged):
            load_arrays(content[:length])
