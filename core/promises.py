"""What a threshold is asked for, what it promises, and whether it kept that, as numbers and in plain sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.concepts import Threshold
from core.errors import BadInput
from core.statistics import Interval

TARGETS = ("false-alarms", "precision", "conformal")
_MINUTES, _SECONDS = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Target:
    """What somebody wants: at most ``wanted`` "false-alarms" an hour; of the flags the share ``wanted`` right ("precision"); or
    at most the share ``wanted`` of the clips that show nothing of it firing ("conformal")."""

    kind: str = "false-alarms"
    wanted: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in TARGETS:
            raise BadInput(f"target ({self.kind}) must be one of {', '.join(TARGETS)}; write for example false-alarms:1")
        if self.kind == "false-alarms" and not (0 < self.wanted < math.inf):
            raise BadInput(f"false alarms an hour ({self.wanted:g}) must be more than 0; write for example false-alarms:1")
        if self.kind != "false-alarms" and not 0 < self.wanted < 1:
            example = "precision:0.9" if self.kind == "precision" else "conformal:0.05"
            raise BadInput(f"{self.kind} ({self.wanted:g}) must be a share between 0 and 1; write for example {example}")

    @classmethod
    def parse(cls, text: str) -> Target:
        """ "false-alarms:1", "precision:0.9", "conformal:5%". Raises BadInput."""
        kind, colon, number = text.strip().partition(":")
        number = number.strip()
        try:
            wanted = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
        except ValueError:
            wanted = math.nan
        if not colon or math.isnan(wanted):
            raise BadInput(
                f"target ({text.strip()[:60]}) must be a kind and a number; write false-alarms:1, precision:0.9 or conformal:0.05"
            )
        return cls(kind.strip(), wanted)

    @property
    def written(self) -> str:
        return f"{self.kind}:{self.wanted:g}"

    @property
    def told(self) -> str:
        """ "at most 1 false alarm an hour"."""
        if self.kind == "false-alarms":
            return f"at most {rate(self.wanted)} false {_plural(self.wanted, 'alarm')} an hour"
        if self.kind == "precision":
            return f"at least {percent(self.wanted)} of the flags right"
        return f"at most {percent(self.wanted)} of other clips firing"


def needed_negatives(alpha: float) -> int:
    """Negatives from which on a conformal p-value can be as small as ``alpha``: with n of them it is 1 / (n + 1) at best."""
    return max(math.ceil(1 / alpha - 1e-9) - 1, 1)


@dataclass(frozen=True, slots=True)
class Operating:
    """A threshold of a class and how it behaves on held-out examples.

    Args:
        value: the score from which on it fires.
        name: of the class.
        recall, precision, false_alarms_per_hour: each with its 95 % interval; NaN where nothing is known.
        found, positives, alarms, negatives, fired: counts of examples (found of positives, fired of negatives) and of alarms.
        negative_hours: how much other footage was looked at.
        sources: how many the negatives come from.
        reach: the best that so many examples can promise, in the target's own measure.
        possible: whether that suffices to expect what was wanted. If not, ``value`` is the strictest that they can tell.
        by_source: whether whole sources were held out.
    """

    value: float
    target: Target
    name: str
    recall: Interval
    precision: Interval
    false_alarms_per_hour: Interval
    found: int
    positives: int
    alarms: int
    fired: int
    negatives: int
    negative_hours: float
    sources: int
    reach: float
    possible: bool
    by_source: bool = True

    @property
    def threshold(self) -> Threshold:
        return Threshold(self.value, self.target.kind, self.target.wanted, self.sentence)

    @property
    def sentence(self) -> str:
        """ "Fires on 9 of 12 held-out examples of fight and never in 15 minutes of other footage, which ..."."""
        return " ".join(part for part in (f"{self._finds} {self._disturbs}{self._short_of}", self._warning) if part)

    @property
    def _finds(self) -> str:
        if not self.positives:
            return f"How much of {self.name} it finds is not known: no example of it was held out. It fires"
        return f"Fires on {self.found} of {self.positives} held-out {_plural(self.positives, 'example')} of {self.name} and"

    @property
    def _disturbs(self) -> str:
        if self.negative_hours <= 0:
            return "has met no other footage: how often it fires falsely is not known"
        on, most = f"{footage(self.negative_hours)} of other footage", rate(self.false_alarms_per_hour.high)
        if not self.alarms:
            return f"not once in {on}, which still allows up to {most} false alarms an hour"
        low, value = rate(self.false_alarms_per_hour.low), rate(self.false_alarms_per_hour.value)
        return f"{value} times an hour ({low} to {most}) on {on}"

    @property
    def needs(self) -> str:
        """What is missing for what was wanted; "" when nothing is."""
        if self.possible:
            return ""
        if self.target.kind == "conformal":
            return self._needed_negatives
        return self._needed_hours if self.target.kind == "false-alarms" else self._needed_examples

    @property
    def _needed_negatives(self) -> str:
        need, wanted = needed_negatives(self.target.wanted), percent(self.target.wanted)
        if not self.negatives:
            return f"without negatives nothing can be promised: need {need} for {wanted}"
        have = f"{self.negatives} {_plural(self.negatives, 'negative')}"
        return f"{have} can promise no better than {percent(self.reach)}: need {need} for {wanted}"

    @property
    def _needed_hours(self) -> str:
        need, wanted = footage(1 / self.target.wanted), rate(self.target.wanted)
        if self.negative_hours <= 0:
            return f"without negatives nothing can be promised: need {need} of them for {wanted} an hour"
        return f"so little can promise no better than {rate(self.reach)} an hour: need {need} for {wanted}"

    @property
    def _needed_examples(self) -> str:
        wanted = self.target.wanted
        need, flags = math.ceil(wanted / (1 - wanted) - 1e-9), self.found + self.alarms
        if not self.negatives:
            return f"without negatives nothing can be promised: need some, and {need} right flags for {percent(wanted)}"
        what = f"{flags} {_plural(flags, 'flag')}"
        best = f"{what} can promise no better than {percent(self.reach)} right"
        return f"{best}: need {need} right ones without a false one for {percent(wanted)}"

    @property
    def _short_of(self) -> str:
        if self.needs:
            return f"; {self.needs}."
        if self.target.kind == "precision":
            said = f"{self.found} of {self.found + self.alarms} flags right ({_range(self.precision)})"
            return f": {said} where the action is as frequent as among the examples."
        if self.target.kind == "conformal":
            return f"; {self.fired} of {self.negatives} other clips fire, set for {self.target.told}."
        return f"; set for {self.target.told}."

    @property
    def _warning(self) -> str:
        return "" if self.by_source else "All examples are of one source: on another it may do worse."

    def right_if(self, per_hour: float) -> float:
        """The share of flags that are right where the action happens ``per_hour`` times an hour; NaN where nothing is known."""
        hits = self.recall.value * per_hour
        total = hits + self.false_alarms_per_hour.value
        return hits / total if total > 0 else math.nan


def percent(value: float) -> str:
    """ "20 %", "0.5 %"."""
    number = 100 * value
    return f"{number:.0f} %" if number >= 9.95 or abs(number - round(number)) < 0.05 else f"{number:.1f} %"


def rate(value: float) -> str:
    """ "0.8", "14", "any number of"."""
    if not math.isfinite(value):
        return "any number of" if value > 0 else "unknown"
    return f"{value:.0f}" if value >= 9.95 or abs(value - round(value)) < 0.005 else f"{value:.2g}"


def footage(hours: float) -> str:
    """ "2.5 hours", "15 minutes", "40 seconds"."""
    if hours >= 1.5:
        return f"{hours:.0f} hours" if hours >= 9.95 or abs(hours - round(hours)) < 0.05 else f"{hours:.1f} hours"
    minutes = hours * _MINUTES
    if minutes >= 1.5:
        return f"{minutes:.0f} minutes" if minutes >= 9.95 or abs(minutes - round(minutes)) < 0.05 else f"{minutes:.1f} minutes"
    seconds = round(hours * _SECONDS)
    return f"{seconds} {_plural(seconds, 'second')}"


def _range(interval: Interval) -> str:
    return f"{percent(interval.low)} to {percent(interval.high)}"


def _plural(count: float, one: str) -> str:
    return one if count == 1 else f"{one}s"


VERDICTS = ("kept", "as far as known", "not proven", "broken")
"""Of a promise on left-out sources: the whole interval keeps it, the estimate does, the interval still reaches it, neither."""


@dataclass(frozen=True, slots=True)
class Check:
    """What became of a promise when each source in turn was kept out of choosing the threshold and then met it.

    Args:
        kept: false alarms an hour, share of flags right, or share of other clips that fired, as the target has it.
        recall: the share of examples found, of the left-out sources too.
        found, positives, alarms, fired, negatives: counts over all of them; ``hours`` of other footage.
        rounds, promised: how many thresholds were chosen, and for how many the other sources sufficed for a promise.
    """

    target: Target
    name: str
    kept: Interval
    recall: Interval
    found: int
    positives: int
    alarms: int
    fired: int
    negatives: int
    hours: float
    rounds: int
    promised: int
    by_source: bool = True

    @property
    def verdict(self) -> str:
        """One of VERDICTS, or "" where there was nothing to see."""
        if math.isnan(self.kept.value):
            return ""
        sign = -1 if self.target.kind == "precision" else 1
        wanted, worst = sign * self.target.wanted, max(sign * self.kept.low, sign * self.kept.high)
        best = min(sign * self.kept.low, sign * self.kept.high)
        if worst <= wanted:
            return "kept"
        if best > wanted:
            return "broken"
        return "as far as known" if sign * self.kept.value <= wanted else "not proven"

    @property
    def sentence(self) -> str:
        """ "Checked on 24 left-out sources: promised at most 1 false alarm an hour, got 0.8 (0 to 3) in 1.3 hours: ..."."""
        what = "left-out sources" if self.by_source else "left-out clips of one source"
        if not self.verdict:
            return f"Not checked: there is nothing to see on {what}; give negatives and examples of two sources or more."
        told = f"Checked on {self.rounds} {what}: asked for {self.target.told}, got {self._got}: {self._judged}."
        finds = f" It found {self.found} of {self.positives} {_plural(self.positives, 'example')} of {self.name} there."
        short = self.rounds - self.promised
        few = f" In {short} of {self.rounds} rounds the other sources were too few to promise it." if short else ""
        return f"{told}{finds if self.positives else ''}{few}"

    @property
    def _got(self) -> str:
        kept = self.kept
        if self.target.kind == "false-alarms":
            return f"{rate(kept.value)} ({rate(kept.low)} to {rate(kept.high)}) in {footage(self.hours)}"
        counts = (
            f"{self.found} of {self.found + self.alarms}"
            if self.target.kind == "precision"
            else f"{self.fired} of {self.negatives}"
        )
        return f"{counts} ({percent(kept.value)}, {_range(kept)})"

    @property
    def _judged(self) -> str:
        return {
            "kept": "kept",
            "as far as known": "kept, as far as so few examples can tell",
            "not proven": "missed, though by no more than chance could",
            "broken": "not kept",
        }[self.verdict]
