"""The pure pieces of the screens: words, addresses, meanings, uploads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.clips import Clip, VideoInfo
from core.comparing import Comparison, Side
from core.errors import BadManifest
from core.mixing import Understood
from core.queries import Query
from pages.parts import meaning, words
from pages.parts.asking import Asked, kept_inside, read, signature
from pages.parts.heat import Table, first_cell
from pages.parts.state import Staged
from pages.parts.uploads import find, from_folders, items, read_table, take_in


def test_names_from_outside_are_made_plain():
    assert words.plain("**a** <b> [x](y) $z$ :red[q]\n") == r"\*\*a\*\* \<b\> \[x\]\(y\) \$z\$ \:red\[q\]"


@pytest.mark.parametrize(
    ("seconds", "told"), [(3.21, "3.2 s"), (75, "75 s"), (125, "2 min 5 s"), (3600, "1 h"), (4200, "1 h 10 min")]
)
def test_durations(seconds, told):
    assert words.duration(seconds).replace("\u00a0", " ") == told


def test_numbers_have_a_true_minus_and_a_dash_for_none():
    assert (words.similarity(-0.414), words.similarity(-0.001), words.similarity(float("nan"))) == ("−0.41", "0.00", "–")


def test_times_ago():
    assert [words.ago(0, now) for now in (30, 60, 7200, 200_000)] == ["just now", "1 minute ago", "2 hours ago", "2 days ago"]


@pytest.mark.parametrize(
    "chosen",
    [
        {"view": "clips", "cell": (2, 5)},
        {"view": "clips", "within": (0, 1), "order": "clustered"},
        {"view": "windows", "within": (1, 1), "pair": ("3fa9c1d0abcd", "77aa00112233")},
    ],
)
def test_a_question_survives_its_address(chosen):
    asked = replace(Asked(("label:running", "action:jogging"), "toy"), **chosen)
    params = {name: [value] if isinstance(value, str) else value for name, value in asked.params().items()}
    assert read(params, ["i3d-rgb", "toy"]) == (asked, [])
    assert signature(params) == signature(dict(reversed(params.items())))


@given(
    some.dictionaries(
        some.sampled_from(["q", "encoder", "view", "cell", "in", "pair", "order", "x"]),
        some.lists(some.text(max_size=60), max_size=12),
    )
)
def test_no_address_raises(params):
    asked, _ = read(params, ["toy"])
    assert len(asked.queries) <= 8 and asked.encoder == "toy" and asked.view in ("groups", "clips", "windows")


def test_the_default_cell_is_where_the_first_two_sides_meet():
    def table(*rows: tuple[int, str]) -> Table:
        clips = tuple(clip(f"{number}", source) if source else None for number, (_, source) in enumerate(rows))
        return Table(("",) * len(rows), np.zeros((len(rows), len(rows))), tuple(side for side, _ in rows), clips)

    assert first_cell(table((0, ""), (1, ""))) == (0, 1)
    assert first_cell(table((0, ""))) == (0, 0)
    assert first_cell(table((0, "ann"), (0, "bob"), (1, "ann"), (1, "bob"))) == (0, 3)
    assert first_cell(table((0, "ann"), (1, "ann"))) == (0, 1)


def test_a_cell_that_is_not_in_the_table_is_replaced():
    asked = Asked(("label:a", "label:b"), "toy", cell=(1, 2))
    assert kept_inside(asked, (2, 3), (0, 1)).cell == (1, 2) and kept_inside(asked, (3, 2), (0, 1)).cell == (0, 1)


def clip(name: str, source: str) -> Clip:
    return Clip(name.ljust(64, "0"), name, "", source, 1, VideoInfo("mp4", "h264", 8, 8, 1.0, 10, 10.0), 0.0)


def comparison(centred: float, percentile: float, *, pairs: int = 4, actions: bool = False) -> Comparison:
    def side(name: str, sources: tuple[str, ...]) -> Side:
        vectors = np.ones((len(sources), 2), np.float32)
        if actions and name == "jogging":
            return Side(Query("action", name), (), vectors[:1], vectors[:1], ("action:jogging",))
        return Side(Query("label", name), tuple(clip(f"{name}{source}", source) for source in sources), vectors, vectors, sources)

    numbers = np.array([[0.55, centred], [centred, 0.49]])
    return Comparison(
        (side("running", ("ann", "bob", "cat")), side("jogging", ("ann", "bob"))),
        numbers,
        numbers,
        np.full((2, 2), percentile),
        np.full((2, 2), pairs),
        np.zeros(9),
        5,
        3,
    )


def test_the_number_is_told_in_one_plain_sentence():
    told = comparison(0.41, 96.2)
    assert meaning.pair_title(told, 0, 1) == "Running and jogging" and meaning.pair_title(told, 1, 1) == "Within jogging"
    assert meaning.standing(told, 0, 1) == "More alike than 96\u00a0% of all pairs from different sources in this library."
    assert meaning.within(told, 0, 1) == "Within running 0.55, within jogging 0.49."
    assert (
        meaning.evidence(told, 0, 1, None) == "3 clips of 3 sources against 2 clips of 2 sources, 4 pairs from different sources."
    )
    assert meaning.caution(told, 0, 1).startswith("Only 2 sources") and not meaning.caution(told, 0, 0)


def test_unlike_pairs_are_told_from_their_side():
    assert meaning.standing(comparison(-0.3, 12.0), 0, 1).startswith("Less alike than 88\u00a0%")


def test_a_share_is_never_rounded_to_all():
    assert "99.9\u00a0%" in meaning.standing(comparison(0.9, 99.97), 0, 1)


def test_no_number_says_why():
    assert "one source" in meaning.standing(comparison(float("nan"), float("nan"), pairs=0), 0, 1)
    assert "of another person" in meaning.nothing(comparison(float("nan"), float("nan"), pairs=0), 0, 0)


def test_an_action_is_told_as_one():
    told = comparison(0.2, 99.0, actions=True)
    assert meaning.pair_title(told, 0, 1) == "Running and “jogging”"
    assert "action name" in meaning.standing(told, 0, 1) and "direction" in meaning.evidence(told, 0, 1, None)
    assert meaning.within(told, 0, 1) == "Within running 0.55."


def test_words_are_told_as_words_and_not_as_an_action_name():
    told = comparison(0.2, 99.0, actions=True)
    read = Understood("jogging", (("jogging", 0.7), ("running on treadmill", 0.3)), 0.8)
    words = replace(told.sides[1], query=Query("text", "jogging"), understood=(read,))
    told = replace(told, sides=(told.sides[0], words))
    assert meaning.standing(told, 0, 1).endswith("clip with one of the action names that words are read by.")
    assert meaning.standing(told, 1, 1).endswith("all pairs of the action names that words are read by.")
    assert "against the words “jogging”, read as 2 action names" in meaning.evidence(told, 0, 1, None)


@pytest.mark.parametrize(
    ("relative", "told"),
    [
        ("a.mp4", ("", "")),
        ("running/a.mp4", ("running", "")),
        ("kth/running/a.mp4", ("running", "")),
        ("kth/ann/running/a.mp4", ("running", "ann")),
        ("../../running/a.mp4", ("running", "")),
        (f"{'x' * 200}/a.mp4", ("", "")),
    ],
)
def test_folders_tell_label_and_source(relative, told):
    assert from_folders(relative) == told


class Fake:
    def __init__(self, name: str, content: bytes) -> None:
        self.name, self._content = name, content

    def getbuffer(self) -> memoryview:
        return memoryview(self._content)


def test_uploads_never_choose_where_they_are_written(tmp_path: Path):
    staged = take_in(
        [Fake("../../etc/passwd", b"x"), Fake("C:\\clips\\a.MP4", b"yz"), Fake("a.mp4/../b.\u202egpj", b"")], tmp_path
    )
    assert [one.path.name for one in staged] == ["00000", "00001.mp4", "00002"]
    assert staged[1].relative == "C:/clips/a.MP4" and staged[1].bytes == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000", "00001.mp4", "00002"]


def test_a_manifest_tells_more_than_folders_and_folders_more_than_one_for_all(tmp_path: Path):
    sheet = tmp_path / "m.csv"
    sheet.write_bytes(b"\xef\xbb\xbfpath,label,group\r\nrunning/a.mp4,sprinting,ann\r\nc.mp4,,bob\r\n")
    staged = [
        Staged(tmp_path / str(number), name, 1) for number, name in enumerate(["set/running/a.mp4", "set/jogging/b.mp4", "c.mp4"])
    ]
    made = items([*staged, Staged(sheet, "set/m.csv", 1)], folders=True, label="other", source="nobody")
    assert [(item.label, item.source) for item in made] == [("sprinting", "ann"), ("jogging", "nobody"), ("other", "bob")]


def test_a_name_alone_is_enough_where_it_is_the_only_one():
    table = {"x/a.mp4": ("one", ""), "x/b.mp4": ("two", ""), "y/b.mp4": ("three", "")}
    assert find(table, "a.mp4") == ("one", "")
    assert find(table, "b.mp4") is None and find(table, "z/b.mp4") is None
    assert find(table, "y/b.mp4") == ("three", "")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b'path,label\nx.mp4,"bell \x07"\n'])
def test_a_table_that_cannot_be_used_is_named(content):
    with pytest.raises(BadManifest):
        read_table(content, "m.csv")
