"""What the Watch page shows and its written form in the address. Pure functions: whatever a link holds, nothing raises.

A folder of this machine is never in the address: a link must not make this machine open what its sender chose. The scan that
looked through it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.flags import Flag

VIEWS = {"flags": "Flags", "rules": "Rules"}
PLACES = {"all": "All clips", "label": "Label", "source": "Source", "clips": "Picked clips", "folder": "Folder or file"}
VERDICTS = {"all": "All", "open": "Not looked at", "accepted": "Accepted", "rejected": "False alarms"}
SORTS = {"time": "As they come", "sure": "Surest first", "unsure": "Least sure first"}
PARAMS = ("view", "concept", "where", "scan", "verdict", "only", "sure", "source", "sort", "flag")
MOST_NAMES = 50
MOST_CLIPS = 200
MOST_NUMBER = 2**53


@dataclass(frozen=True, slots=True)
class WatchAsked:
    """One view of the page.

    Args:
        concepts: names, of which a dry run would be made.
        place, names: one of PLACES, and which labels, sources or clips (beginnings of their ids).
        scan: whose flags are shown; 0 is the newest.
        verdict, only, sure, source: what is filtered: one of VERDICTS, a concept, at least so many percent, a source ("" is any).
        flag: the one that is looked at; 0 for the first.
    """

    view: str = "flags"
    concepts: tuple[str, ...] = ()
    place: str = "all"
    names: tuple[str, ...] = ()
    scan: int = 0
    verdict: str = "all"
    only: str = ""
    sure: int = 0
    source: str = ""
    sort: str = "time"
    flag: int = 0

    def params(self) -> dict[str, str | list[str]]:
        """As query parameters; what is usual is left out."""
        told: dict[str, str | list[str]] = {}
        usual = WatchAsked()
        if self.concepts:
            told["concept"] = list(self.concepts)
        if self.place != "all" and self.place != "folder" and self.names:
            told["where"] = [f"{self.place}:{name}" for name in self.names]
        for name in ("view", "scan", "verdict", "only", "sure", "source", "sort", "flag"):
            if (value := getattr(self, name)) != getattr(usual, name):
                told[name] = str(value)
        return told


def read(params: Mapping[str, Sequence[str]]) -> tuple[WatchAsked, list[str]]:
    """The view that query parameters ask for, and complaints about what could not be understood."""
    complaints: list[str] = []
    place, names = _where(params.get("where", ()), complaints)
    asked = WatchAsked(
        view=_one_of("view", params, VIEWS, complaints),
        concepts=tuple(dict.fromkeys(name for name in params.get("concept", ()) if name))[:MOST_NAMES],
        place=place,
        names=names,
        scan=_number("scan", params, MOST_NUMBER, complaints),
        verdict=_one_of("verdict", params, VERDICTS, complaints),
        only=_last(params, "only"),
        sure=_number("sure", params, 100, complaints),
        source=_last(params, "source"),
        sort=_one_of("sort", params, SORTS, complaints),
        flag=_number("flag", params, MOST_NUMBER, complaints),
    )
    return asked, complaints


def _last(params: Mapping[str, Sequence[str]], name: str) -> str:
    values = params.get(name, ())
    return values[-1][:500] if values else ""


def _one_of(name: str, params: Mapping[str, Sequence[str]], choices: Mapping[str, str], complaints: list[str]) -> str:
    usual = next(iter(choices))
    value = _last(params, name) or usual
    if value in choices:
        return value
    complaints.append(f"{name} ({value[:40]!r}) must be one of {', '.join(choices)}; {usual} is shown instead")
    return usual


def _number(name: str, params: Mapping[str, Sequence[str]], most: int, complaints: list[str]) -> int:
    text = _last(params, name)
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) < 17 and int(text) <= most:
        return int(text)
    complaints.append(f"{name} ({text[:40]!r}) must be a whole number up to {most}; left out")
    return 0


def _where(values: Sequence[str], complaints: list[str]) -> tuple[str, tuple[str, ...]]:
    pairs = [value.partition(":") for value in values[:MOST_CLIPS]]
    kinds = {kind for kind, _, _ in pairs}
    if not pairs or kinds == {"all"}:
        return "all", ()
    if len(kinds) > 1 or not kinds <= {"label", "source", "clips"}:
        complaints.append(f"where ({values[0][:40]!r}) must be label:…, source:… or clips:…; everything is taken instead")
        return "all", ()
    return kinds.pop(), tuple(dict.fromkeys(name for _, _, name in pairs))


def shown(flags: Iterable[Flag], asked: WatchAsked, sources: Mapping[str, str]) -> list[Flag]:
    """The flags that pass the filters, those of one film together, films and flags in the order that was asked for.

    ``sources`` are those of clips, by id; a file that is no clip is known by its path and has none.
    """
    passed = [flag for flag in flags if _passes(flag, asked, sources)]
    films: dict[str, list[Flag]] = {}
    for flag in passed:
        films.setdefault(film_of(flag), []).append(flag)
    ordered = [sorted(of, key=lambda flag: _rank(flag, asked.sort)) for of in films.values()]
    if asked.sort != "time":
        ordered.sort(key=lambda of: _rank(of[0], asked.sort))
    return [flag for of in ordered for flag in of]


def film_of(flag: Flag) -> str:
    """What tells one film from another: the clip's id, or the path of a file."""
    return flag.clip_id or flag.path


def _passes(flag: Flag, asked: WatchAsked, sources: Mapping[str, str]) -> bool:
    return (
        (asked.verdict == "all" or flag.verdict == ("" if asked.verdict == "open" else asked.verdict))
        and (not asked.only or flag.concept == asked.only)
        and 100 * flag.confidence >= asked.sure
        and (not asked.source or sources.get(flag.clip_id, "") == asked.source)
    )


def _rank(flag: Flag, sort: str) -> tuple[float, float]:
    if sort == "time":
        return (flag.start_seconds, -flag.confidence)
    return (-flag.confidence if sort == "sure" else flag.confidence, flag.start_seconds)


def beside(flags: Sequence[Flag], flag_id: int, before: Sequence[int]) -> int:
    """The flag to stand on: this one, or where it was left out the one that took its place among those ``before``; 0 for none."""
    here = [flag.flag_id for flag in flags]
    if flag_id in here or not here:
        return flag_id if here else 0
    later = before[before.index(flag_id) :] if flag_id in before else ()
    return next((one for one in later if one in here), here[-1] if later else here[0])


def known_params(params: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(params[name]) for name in PARAMS if params.get(name)}


def without_filters(asked: WatchAsked) -> WatchAsked:
    return replace(asked, verdict="all", only="", sure=0, source="")
