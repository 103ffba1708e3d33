"""What a search is, and what it found: values, and the one written form of a search in links, cells and on the command line.

Written ``q=clip:3fa9c1@2.0-4.5&q=label:running&encoder=fused&top=24&moments=1&own=hide&fold=0&more=clip:77aa01&less=clip:0b1c2d``
with ``&w=rgb:0.5`` for weights of streams and the filters of ``core.filtering``. What is as it is by default is not written.
``core.searching`` says what each means.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core import filtering
from core.clips import Clip, Provenance
from core.errors import BadQuery, MotionbookError
from core.filtering import Filters
from core.mixing import Understood
from core.queries import Query, parse

PARAMS = ("q", "encoder", "top", "moments", "own", "fold", "more", "less", "w", *filtering.PARAMS)
OWN = ("mark", "show", "hide")
TOP = 24
MOST_TOP = 500
MOST_QUERIES = 16
MOST_FEEDBACK = 50
MOST_WEIGHT = 4.0
_WEIGHT = re.compile(r"([a-z]{1,20}):(\d{1,2}(?:\.\d{1,3})?)")
_FILE = "file: queries work on the command line only; drop the file on the page, or add it to the library"


@dataclass(frozen=True, slots=True)
class Search:
    """One search. Without queries it is one that nobody has asked yet; a page keeps its filters in it. Raises BadQuery.

    Args:
        queries: what is looked for: the prototype of all of them together.
        encoder: "" for the library's own.
        top: how many matches, MOST_TOP at most.
        filters: what a clip must be to be found.
        moments: every moment of a clip that matches, rather than its best.
        own: what to do with matches of the queries' own sources: "mark" them, "show" them like all others, or "hide" them.
        fold: whether clips that are nearly the same stand under the best of them.
        more: clips, or parts of clips, that somebody liked among the matches.
        less: likewise those that somebody did not; they are not found again.
        weights: of streams, by name, where they differ from the encoder's own.
    """

    queries: tuple[Query, ...] = ()
    encoder: str = ""
    top: int = TOP
    filters: Filters = field(default_factory=Filters)
    moments: bool = False
    own: str = "mark"
    fold: bool = True
    more: tuple[Query, ...] = ()
    less: tuple[Query, ...] = ()
    weights: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        for name in ("queries", "more", "less"):
            object.__setattr__(self, name, tuple(dict.fromkeys(getattr(self, name))))
        if len(self.queries) > MOST_QUERIES:
            raise BadQuery(f"a search ({len(self.queries)} queries) must have at most {MOST_QUERIES}; leave some out")
        if not 1 <= self.top <= MOST_TOP:
            raise BadQuery(f"top ({self.top}) must be from 1 to {MOST_TOP}; choose one of these")
        if self.own not in OWN:
            raise BadQuery(f"own ({self.own[:40]!r}) must be one of {', '.join(OWN)}; choose one of these")
        for name in ("more", "less"):
            _check_feedback(name, getattr(self, name))
        if both := set(self.more) & set(self.less):
            raise BadQuery(f"{min(map(str, both))} must not be in more and in less; choose one")
        object.__setattr__(self, "weights", tuple(sorted((name, round(weight, 3)) for name, weight in self.weights)))
        if not all(math.isfinite(weight) and 0 <= weight <= MOST_WEIGHT for _, weight in self.weights):
            raise BadQuery(f"weights ({self.weights}) must be from 0 to {MOST_WEIGHT:g}; correct them")

    @property
    def asked(self) -> bool:
        return bool(self.queries)

    def params(self) -> dict[str, str | list[str]]:
        """The written form; ``read`` makes the same search of it."""
        told: dict[str, str | list[str]] = {}
        if self.queries:
            told["q"] = [str(query) for query in self.queries]
        if self.encoder:
            told["encoder"] = self.encoder
        if self.top != TOP:
            told["top"] = str(self.top)
        if self.moments:
            told["moments"] = "1"
        if self.own != OWN[0]:
            told["own"] = self.own
        if not self.fold:
            told["fold"] = "0"
        for name, liked in (("more", self.more), ("less", self.less)):
            if liked:
                told[name] = [str(query) for query in liked]
        if self.weights:
            told["w"] = [f"{stream}:{weight:g}" for stream, weight in self.weights]
        return told | self.filters.params()


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One match: a window of a clip.

    Args:
        window: its number within the clip.
        similarity: centred, as Compare shows it.
        raw: of the encoder's own vectors.
        percentile: the share of the library's background below ``similarity``, 0 to 100; NaN where there is no background.
        rank: its place in the list, from 1; what is folded under it has the same.
        own_source: whether its clip is of a source that the queries' own clips come from.
        folded: matches of clips that are nearly the same, best first.
    """

    clip: Clip
    window: int
    start_seconds: float
    end_seconds: float
    similarity: float
    raw: float
    percentile: float
    rank: int
    own_source: bool = False
    folded: tuple[Found, ...] = ()

    @property
    def query(self) -> Query:
        """The match as a query: what "more like this" asks for."""
        return Query("clip", self.clip.clip_id, span=(self.start_seconds, self.end_seconds))


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What a search found, best first, and of how much.

    Args:
        windows, clips: how many were looked through, after filters, own windows and what is hidden were left out.
        filtered_windows: how many windows the filters left out.
        hidden: how many clips were left out because they are of the queries' own sources.
        seconds: how long it took.
        understood: what every text in the queries was read as.
        sentence: the answer in plain words.
        titles: of the queries, for people.
    """

    search: Search
    matches: tuple[Found, ...]
    windows: int
    clips: int
    filtered_windows: int
    hidden: int
    seconds: float
    understood: tuple[Understood, ...]
    provenance: Provenance
    sentence: str
    titles: tuple[str, ...] = ()


def _check_feedback(name: str, liked: Sequence[Query]) -> None:
    if len(liked) > MOST_FEEDBACK:
        raise BadQuery(f"{name} ({len(liked)} clips) must be at most {MOST_FEEDBACK}; take some back")
    for query in liked:
        if query.kind != "clip":
            raise BadQuery(f"{name} ({str(query)[:60]}) must be a clip or a part of one; write for example clip:3fa9c1@2.0-4.5")


def read(
    params: Mapping[str, str | Sequence[str]], encoders: Sequence[str] = (), *, files: bool = False
) -> tuple[Search, list[str]]:
    """The search that ``params`` write, and complaints about what could not be understood, which is left out. Never raises.

    Args:
        params: text, or every text, by name; as ``Search.params`` writes them or an address holds them.
        encoders: names that may be chosen; none means any.
        files: whether file: queries may be asked; a link must not make this machine open what its writer chose.
    """
    told = {name: [value] if isinstance(value, str) else [str(one) for one in value] for name, value in params.items()}
    complaints: list[str] = []
    queries = _queries(told, "q", MOST_QUERIES, complaints, files=files)
    more, less = (_feedback(told, name, complaints) for name in ("more", "less"))
    filters, doubts = filtering.read(told)
    complaints += doubts
    search = Search(
        queries,
        _encoder(told, encoders, complaints),
        _top(told, complaints),
        filters,
        _one_of(told, "moments", ("0", "1"), complaints) == "1",
        _one_of(told, "own", OWN, complaints),
        _one_of(told, "fold", ("1", "0"), complaints) == "1",
        more,
        tuple(query for query in less if query not in more),
        weights_of(told, complaints),
    )
    return search, complaints


def _queries(
    told: Mapping[str, Sequence[str]], name: str, most: int, complaints: list[str], *, files: bool = False
) -> tuple[Query, ...]:
    found = []
    for text in told.get(name, ()):
        try:
            query = parse(text)
        except MotionbookError as error:
            complaints.append(str(error))
            continue
        if not files and any(leaf.kind == "file" for leaf in query.leaves()):
            complaints.append(_FILE)
        else:
            found.append(query)
    found = list(dict.fromkeys(found))
    if len(found) > most:
        complaints.append(f"{name} ({len(found)} queries) must be at most {most}; the first {most} count")
    return tuple(found[:most])


def _feedback(told: Mapping[str, Sequence[str]], name: str, complaints: list[str]) -> tuple[Query, ...]:
    found = []
    for query in _queries(told, name, MOST_FEEDBACK, complaints):
        try:
            _check_feedback(name, [query])
            found.append(query)
        except BadQuery as error:
            complaints.append(str(error))
    return tuple(found)


def _encoder(told: Mapping[str, Sequence[str]], encoders: Sequence[str], complaints: list[str]) -> str:
    name = next(iter(told.get("encoder", ())), "")
    if name and encoders and name not in encoders:
        complaints.append(f"encoder ({name[:40]!r}) must be one of {', '.join(encoders)}; the library's own is used instead")
        return ""
    return name[:100]


def _top(told: Mapping[str, Sequence[str]], complaints: list[str]) -> int:
    text = next(iter(told.get("top", ())), str(TOP))
    if text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MOST_TOP:
        return int(text)
    complaints.append(f"top ({text[:40]!r}) must be from 1 to {MOST_TOP}; {TOP} are shown instead")
    return TOP


def _one_of(told: Mapping[str, Sequence[str]], name: str, allowed: Sequence[str], complaints: list[str]) -> str:
    value = next(iter(told.get(name, ())), allowed[0])
    if value in allowed:
        return value
    complaints.append(f"{name} ({value[:40]!r}) must be one of {', '.join(allowed)}; {allowed[0]} is taken instead")
    return allowed[0]


def weights_of(told: Mapping[str, Sequence[str]], complaints: list[str]) -> tuple[tuple[str, float], ...]:
    """The weights of streams that ``w`` says, as searches and comparisons write them; what cannot be read is complained of."""
    weights: dict[str, float] = {}
    for text in told.get("w", ()):
        found = _WEIGHT.fullmatch(text)
        if found and float(found[2]) <= MOST_WEIGHT:
            weights[found[1]] = float(found[2])
        else:
            complaints.append(
                f"w ({text[:40]!r}) must be a stream and its weight up to {MOST_WEIGHT:g}, such as rgb:0.5; left out"
            )
    return tuple(sorted(weights.items()))
