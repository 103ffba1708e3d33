"""What the numbers of a comparison allow to be said, in plain words made from them, and what is lacking to say more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from core.colours import signed
from core.resampling import LEAST_SOURCES, Estimate, Permutation

ALPHA = 0.05
NOT_A_NUMBER = float("nan")


class Verdict(StrEnum):
    """From most to least certain. ``CLEARLY`` needs the test and the interval of the gap, ``PROBABLY`` one of both."""

    CLEARLY = "clearly different"
    PROBABLY = "probably different"
    NONE_SHOWN = "no difference shown"
    UNSAID = "cannot be said"
    NO_TEST = "no test"
    """One side alone, or a direction: there is nothing to exchange."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One mean similarity: raw and centred cosine, percentile and z in the library's background, interval of the centred."""

    raw: float
    centred: float
    percentile: float
    z: float
    interval: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """One side of the evidence. A direction has no clips; ``alone`` counts its sources that the other side does not have."""

    name: str
    clips: int
    sources: int
    alone: int
    direction: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What two sides of a comparison, numbers ``first`` and ``second``, say against each other; one side alone when they agree.

    ``effect`` is the gap: mean within minus mean between, half the squared maximum mean discrepancy under the cosine kernel.
    ``p_corrected`` is Holm's when several pairs were looked at, else the same as ``test.p``.
    """

    first: int
    second: int
    parties: tuple[Party, Party]
    pairs: int
    between: Reading
    within: tuple[Reading, Reading]
    effect: float = NOT_A_NUMBER
    effect_interval: Estimate | None = None
    test: Permutation | None = None
    smallest_p: float = 1.0
    p_corrected: float = NOT_A_NUMBER
    tests: int = 1
    exchanged: str = ""
    auc: float = NOT_A_NUMBER
    energy: float = NOT_A_NUMBER
    silhouette: float = NOT_A_NUMBER
    left_out: int = 0
    """Clips that were too many for ``auc``, ``energy`` and ``silhouette``."""
    on_both: int = 0
    """Clips that stand on both sides."""

    @property
    def p_value(self) -> float:
        return self.test.p if self.test else NOT_A_NUMBER

    @property
    def within_mean(self) -> float:
        known = [reading.centred for reading in self.within if math.isfinite(reading.centred)]
        return sum(known) / len(known) if known else NOT_A_NUMBER

    @property
    def directed(self) -> bool:
        return any(party.direction for party in self.parties)

    @property
    def verdict(self) -> Verdict:
        if self.first == self.second or self.directed:
            return Verdict.NO_TEST
        return verdict(self.p_corrected, self.smallest_p, self.effect_interval)

    @property
    def sentence(self) -> str:
        """One plain sentence, made from the numbers."""
        if self.first == self.second:
            return _alone(self)
        return _direction(self) if self.directed else _clips(self)

    @property
    def lacks(self) -> tuple[str, ...]:
        """What cannot be said, and how many more sources would allow it."""
        return tuple(_lacks(self))


@dataclass(frozen=True, slots=True)
class Overall:
    """All sides with clips together: is a clip more like its own side than like any other?"""

    names: tuple[str, ...]
    clips: int
    sources: int
    within: float
    between: float
    effect: float
    effect_interval: Estimate | None
    test: Permutation | None
    smallest_p: float
    auc: float
    silhouette: float

    @property
    def verdict(self) -> Verdict:
        return verdict(self.test.p if self.test else NOT_A_NUMBER, self.smallest_p, self.effect_interval)

    @property
    def sentence(self) -> str:
        named = ", ".join(self.names[:-1]) + f" and {self.names[-1]}"
        figures = f"{_two(self.within)} against {_two(self.between)}, {_gap(self.effect, self.effect_interval)}"
        return (
            f"All {len(self.names)} together, {named}: {_WORDS_OVERALL[self.verdict]} "
            f"({figures}; {_p(self.test, self.smallest_p)}); "
            f"{_count(self.clips, 'clip')} of {_count(self.sources, 'source')}."
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """All pairs of sides, and all of them together where more than two sides have clips."""

    pairs: tuple[Evidence, ...]
    overall: Overall | None

    def of(self, first: int, second: int) -> Evidence:
        """The evidence of two sides, in either order."""
        return next(one for one in self.pairs if {one.first, one.second} == {first, second})


def verdict(p: float, smallest: float, gap: Estimate | None) -> Verdict:
    test, band = p <= ALPHA, gap is not None and gap.low > 0
    if test and band:
        return Verdict.CLEARLY
    if test or band:
        return Verdict.PROBABLY
    return Verdict.NONE_SHOWN if smallest <= ALPHA and math.isfinite(p) else Verdict.UNSAID


_WORDS = {
    Verdict.CLEARLY: ("{names} are clearly different to this encoder: ", "more alike than"),
    Verdict.PROBABLY: ("{names} are probably different to this encoder: ", "more alike than"),
    Verdict.NONE_SHOWN: ("No difference between {names} is shown: ", "not reliably more alike than"),
    Verdict.UNSAID: ("Whether {names} differ cannot be said yet: ", ""),
}
_WORDS_OVERALL = {
    Verdict.CLEARLY: "clips of one action are clearly more alike than clips of different ones",
    Verdict.PROBABLY: "clips of one action are probably more alike than clips of different ones",
    Verdict.NONE_SHOWN: "clips of one action are not reliably more alike than clips of different ones",
    Verdict.UNSAID: "whether clips of one action are more alike than others cannot be said yet",
    Verdict.NO_TEST: "there is nothing to test",
}


def _clips(found: Evidence) -> str:
    if not math.isfinite(found.effect):
        return f"Whether {_names(found)} differ cannot be said yet: {_no_gap(found)}."
    judged = found.verdict
    opening, than = _WORDS[judged]
    figures = f"{_two(found.within_mean)} against {_two(found.between.centred)}, {_gap(found.effect, found.effect_interval)}"
    said = f"clips of one side are {than} clips of both ({figures}; {_p_of(found)})"
    if judged is Verdict.UNSAID:
        said = f"clips of one side are alike at {_two(found.within_mean)}, clips of both at {_two(found.between.centred)} "
        said += f"({_gap(found.effect, found.effect_interval)}; {_p_of(found)})"
    return _capital(f"{opening.format(names=_names(found))}{said}; {_made_of(found)}.")


def _no_gap(found: Evidence) -> str:
    if not found.pairs:
        return "all clips are of one source, and two clips of one source are never compared"
    return "each side has one source only, so there is nothing that either has in common"


def _direction(found: Evidence) -> str:
    standing = f"{_two(found.between.centred)}{_band(found.between.interval)}"
    a, b = found.parties
    if a.direction and b.direction:
        return _capital(
            f"{_quoted(a)} and {_quoted(b)} are directions of the encoder, {standing} alike{_percentile(found)}; "
            "they have no clips, so there is neither an interval nor a test."
        )
    clips, named = (b, a) if a.direction else (a, b)
    return _capital(
        f"clips of {clips.name} and the direction of {_quoted(named)} are {standing} alike{_percentile(found)}; "
        f"{_count(clips.clips, 'clip')} of {_count(clips.sources, 'source')}. A direction has no clips, so there is no test."
    )


def _percentile(found: Evidence) -> str:
    percent = found.between.percentile
    if not math.isfinite(percent):
        return ""
    told = f"{min(percent, 99.9):.1f}" if percent > 99 else f"{percent:.0f}"  # never a rounded 100 %
    return f", more than {told}\u00a0% of the background"


def _alone(found: Evidence) -> str:
    party = found.parties[0]
    if party.direction:
        return _capital(f"{_quoted(party)} is a direction of the encoder and has no clips: there is no within.")
    if not math.isfinite(found.between.centred):
        return _capital(f"how alike clips of {party.name} are cannot be said yet: all of them are of one source.")
    return _capital(
        f"clips of {party.name} of different sources are {_two(found.between.centred)}{_band(found.between.interval)} alike"
        f"{_percentile(found)}; {_count(party.clips, 'clip')} of {_count(party.sources, 'source')}."
    )


def _made_of(found: Evidence) -> str:
    a, b = found.parties
    text = f"{_count(a.clips, 'clip')} of {_count(a.sources, 'source')} and {b.clips:,} of {b.sources:,}"
    shared = a.sources - a.alone
    return f"{text}, {shared:,} of them on both sides" if shared else text


def _p_of(found: Evidence) -> str:
    text = _p(found.test, found.smallest_p, found.parties)
    if found.tests > 1 and found.test:
        text += f", {p_text(found.p_corrected)} after Holm's correction for {found.tests} pairs"
    return text


def _p(test: Permutation | None, smallest: float, parties: tuple[Party, ...] = ()) -> str:
    if test is None:
        return "no p-value, because no sources can be exchanged"
    text = f"p = {p_text(test.p)}"
    if not test.exact:
        return f"{text}, the smallest that {test.arrangements:,} draws allow" if test.p <= test.smallest * 1.001 else text
    by = f"{parties[0].sources:,} and {parties[1].sources:,} sources allow" if parties else "these sources allow"
    if test.p <= test.smallest * 1.001:
        return f"{text}, the smallest that {by}"
    return f"{text}, and none below {p_text(test.smallest)} is possible with so few sources" if smallest > ALPHA else text


def p_text(p: float) -> str:
    """ "0.31", "0.008", "0.0002"; a dash for a number that does not exist."""
    if not math.isfinite(p):
        return "–"
    return f"{p:.2f}" if p >= 0.0995 else f"{p:.3f}" if p >= 0.00095 else f"{p:.4f}" if p >= 0.00005 else "below 0.0001"


def _gap(effect: float, interval: Estimate | None) -> str:
    return f"gap {_two(effect)}{_band(interval, brackets=False)}"


def _band(interval: Estimate | None, *, brackets: bool = True) -> str:
    if interval is None:
        return "" if brackets else ", no interval"
    text = f"95\u00a0% from {_two(interval.low)} to {_two(interval.high)}"
    return f" ({text})" if brackets else f", {text}"


def _names(found: Evidence) -> str:
    return f"{found.parties[0].name} and {found.parties[1].name}"


def _quoted(party: Party) -> str:
    return f"“{party.name}”"


def _two(value: float) -> str:
    return signed(value, 2)


def _count(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# -- what is lacking ----------------------------------------------------------------------------------------------------


def _lacks(found: Evidence) -> list[str]:
    said: list[str] = []
    parties = [party for party in dict.fromkeys(found.parties) if not party.direction]
    if thin := [party for party in parties if party.sources < LEAST_SOURCES]:
        more = " and ".join(f"{LEAST_SOURCES - party.sources} more for {party.name}" for party in thin)
        said.append(f"No interval: it needs at least {LEAST_SOURCES} sources on a side, {more}.")
    if found.first == found.second or found.directed:
        return said
    said += [
        f"Nothing can be said of what clips of {party.name} have in common: all of them are of one source."
        for party in parties
        if party.sources == 1
    ]
    if found.smallest_p > ALPHA:
        least = f"No p-value below {p_text(found.smallest_p)} can come of these sources" if found.test else "No p-value"
        said.append(f"{least}: p ≤ {ALPHA} becomes possible with {_more(found)}.")
    if found.on_both:
        said.append(f"{_count(found.on_both, 'clip')} on both sides: the two sides are not separate samples, read p with care.")
    return said


def _more(found: Evidence) -> str:
    a, b = found.parties
    needed = sources_needed(a.alone, b.alone, a.sources - a.alone)
    if needed[2]:
        return (
            f"{_count(needed[2], 'more source')} that does both" if needed[2] == 1 else f"{needed[2]} more sources that do both"
        )
    told = [
        f"{_count(number, 'more source')} for {party.name}"
        for number, party in zip(needed[:2], found.parties, strict=True)
        if number
    ]
    return " and ".join(told) or "other sources"


def sources_needed(first: int, second: int, both: int, alpha: float = ALPHA) -> tuple[int, int, int]:
    """How many more sources on the first side alone, the second alone, and on both, until a p of ``alpha`` can be reached.

    Each one goes to the side that has fewer; where all are on both sides, to both.
    """
    a, b, tied = first, second, both
    while _smallest(a, b, tied) > alpha:
        if both and not (first or second):
            tied += 1
        elif a <= b:
            a += 1
        else:
            b += 1
    return a - first, b - second, tied - both


def _smallest(a: int, b: int, tied: int) -> float:
    total = math.comb(a + b, a) * 2**tied
    return float((2 if a == b else 1) / total)


def holm(ps: list[float]) -> list[float]:
    """Holm's (1979) step-down correction; numbers that do not exist stay so and do not count."""
    known = sorted((p, place) for place, p in enumerate(ps) if math.isfinite(p))
    corrected, highest = list(ps), 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * p))
        corrected[place] = highest
    return corrected
