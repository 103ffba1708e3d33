"""What is worked out of clips: kept, replaced, swept, and gone with any clip that had a part in it."""

from __future__ import annotations

import pytest

from core.errors import BadInput, UnknownName
from core.store import Library
from core.store.derived import derived_name, owners
from tests.core.store.conftest import Maker

A, B = "a" * 64, "b" * 64


def test_a_name_says_of_which_clips_a_file_is() -> None:
    assert owners(derived_name(A, f"why.{B}.json")) == [A, B]
    assert owners(f"{A}.jpg") == [A] and owners("notes.txt") == []


@pytest.mark.parametrize("name", ["", "json", "../x.json", "a/b.json", ".json", "a..json", "x" * 200 + ".json"])
def test_names_that_no_file_can_have_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="must be"):
        derived_name(A, name)
    with pytest.raises(UnknownName):
        derived_name("../" + A, "x.json")


def test_what_was_kept_comes_back_until_its_clip_or_the_other_is_erased(library: Library, maker: Maker) -> None:
    first, second, third = (maker.add(library) for _ in range(3))
    for other in (second, third):
        assert library.derived(first, f"why.{other}.json") is None
        library.keep_derived(first, f"why.{other}.json", b"old")
        library.keep_derived(first, f"why.{other}.json", b"new")
    assert library.derived(first, f"why.{second}.json") == b"new"
    library.erase([second])
    assert library.derived(first, f"why.{second}.json") is None
    assert library.derived(first, f"why.{third}.json") == b"new"
    library.erase([first])
    assert list((library.home / "derived").iterdir()) == []
    with pytest.raises(UnknownName):
        library.keep_derived(first, f"why.{third}.json", b"of a clip that was erased meanwhile")


def test_an_opening_sweeps_what_lost_one_of_its_clips(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library)
    library.keep_derived(clip_id, "why.json", b"of one")
    library.keep_derived(clip_id, f"why.{B}.json", b"of two, one of which is unknown")
    library.close()
    with Library.open(library.home, index="memory") as again:
        assert [path.name for path in (again.home / "derived").iterdir()] == [f"{clip_id}.why.json"]
