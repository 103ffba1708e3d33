"""Pickles that hold nothing but plain containers and numpy arrays. Anything else is refused before it is made."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

from core.errors import WeightsDamaged

_ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    # numpy 1 and numpy 2 name the same function differently; a pickle of either must load in both
    ("numpy.core.multiarray", "_reconstruct"): np.ndarray(0).__reduce__()[0],
    ("numpy._core.multiarray", "_reconstruct"): np.ndarray(0).__reduce__()[0],
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise WeightsDamaged(
                f"pickle (asks for {module}.{name}) must hold numpy arrays and nothing else; do not use this file"
            ) from None


def load_arrays(content: bytes) -> Any:
    """The value pickled in ``content``: dictionaries, lists, numbers, texts and numpy arrays of numbers.

    Raises WeightsDamaged for anything else, and has run none of it.
    """
    try:
        value = _PlainUnpickler(io.BytesIO(content)).load()
    except WeightsDamaged:
        raise
    except Exception as error:  # a damaged pickle raises nearly any class: EOFError, KeyError, TypeError, MemoryError...
        raise WeightsDamaged(f"pickle ({len(content)} bytes) must be whole; fetch it again ({error})") from error
    _refuse_objects(value)
    return value


def _refuse_objects(value: Any) -> None:
    if isinstance(value, dict):
        for part in value.values():
            _refuse_objects(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_objects(part)
    elif isinstance(value, np.ndarray) and value.dtype.hasobject:
        raise WeightsDamaged(f"array (dtype {value.dtype}) must hold numbers; do not use this file")
