"""Rules: a concept, where it is looked for, and what happens when it fires; and the log of what happened.

A rule is armed only after a dry run over the stored history, in the form in which that was made: somebody has then seen how
often it would have fired. Changing what a rule looks for disarms it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core import acting
from core.clips import Clip, clean_label
from core.decoding import streams
from core.errors import BadInput, LibraryDamaged
from core.flags import Flag
from core.store import StoredFiring, StoredRule
from core.workbench import Workbench

ACTIONS = ("log", "notice", "webhook", "exit")
"""What a rule can do. Every firing is in the log whatever it does; "log" says that nothing else shall happen, "notice" shows it
in the app, "webhook" posts it, "exit" makes ``python -m core watch`` end with status FLAGGED."""
PLACES = ("all", "label", "source", "folder", "camera")
FLAGGED = 4
"""Exit status of a command that found a flag and was asked to say so by an option or a rule: no other end has it."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where a rule looks: at new clips of the library (all, or of a label or source), a watched folder, or a camera's address."""

    kind: str = "all"
    value: str = ""

    def __post_init__(self) -> None:
        if self.kind not in PLACES:
            raise BadInput(f"where ({self.kind}) must be one of {', '.join(PLACES)}; choose one")
        if (self.kind == "all") == bool(self.value):
            raise BadInput(f"where ({self.kind}:{self.value}) must have {'no name' if self.value else 'a name'}; say which")

    @classmethod
    def parse(cls, text: str) -> Where:
        """Of ``all``, ``label:fight``, ``source:NAME``, ``folder:/PATH`` or ``camera:URL``. Raises BadInput."""
        kind, _, value = text.strip().partition(":")
        return cls(kind, value)

    @property
    def text(self) -> str:
        """What ``parse`` reads."""
        return f"{self.kind}:{self.value}" if self.value else self.kind

    @property
    def shown(self) -> str:
        """For people; a camera's password is not in it."""
        if self.kind == "camera":
            return f"camera {streams.shown(self.value)}"
        return "new clips" if self.kind == "all" else f"{self.kind} {self.value}"

    def holds(self, clip: Clip | None = None, *, folder: str = "", camera: str = "") -> bool:
        """Whether something seen there is this rule's: a clip of the library, a file of a folder, a camera's picture."""
        match self.kind:
            case "all":
                return not folder and not camera
            case "folder":
                return bool(folder) and self.value == folder
            case "camera":
                return bool(camera) and self.value == camera
            case _:
                return clip is not None and self.value == (clip.label if self.kind == "label" else clip.source)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A dry run: how many ``flags`` there would have been in how many ``seconds`` of stored video; ``at`` seconds since 1970."""

    flags: int
    seconds: float
    sentence: str
    at: float


@dataclass(frozen=True, slots=True)
class Rule:
    """When ``concept`` fires ``where``, do ``actions``.

    Args:
        concept: its name; of a concept of several classes ``concept/class`` for one of them. Its threshold is the concept's own.
        actions: some of ACTIONS.
        webhook: where to post the flag, of a rule with that action.
        rule_id: in the ledger; 0 before it is kept.
        rehearsal: its last dry run in this form; None: it cannot be armed yet.
    """

    name: str
    concept: str
    where: Where = Where()
    actions: tuple[str, ...] = ("log", "notice")
    webhook: str = ""
    rule_id: int = 0
    armed: bool = False
    rehearsal: Rehearsal | None = None

    def __post_init__(self) -> None:
        if not clean_label(self.name, what="rule") or not self.concept:
            raise BadInput("rule () must have a name and a concept; give both")
        if not self.actions or set(self.actions) - set(ACTIONS):
            raise BadInput(f"actions ({', '.join(self.actions)}) must be some of {', '.join(ACTIONS)}; choose at least one")
        if ("webhook" in self.actions) != bool(self.webhook):
            raise BadInput(f"webhook ({self.webhook}) must be the address to post to; give it with that action, and only then")

    @property
    def looks_for(self) -> tuple[str, str]:
        """What a dry run is of: a rule that differs in this is another."""
        return (self.concept, self.where.text)

    def fires_for(self, concept: str) -> bool:
        """Whether a flag of this concept is its: ``fight`` has all classes of fight."""
        return concept == self.concept or concept.startswith(f"{self.concept}/")

    @property
    def sentence(self) -> str:
        """ "fight in folder /inbox: notice, webhook to http://127.0.0.1:9000/"."""
        does = [f"webhook to {self.webhook}" if action == "webhook" else action for action in self.actions]
        return f"{self.concept} in {self.where.shown}: {', '.join(does)}"


@dataclass(frozen=True, slots=True)
class Firing:
    """A line of the log: what ``rule`` (its name then) saw at ``place``, and what became of it."""

    firing_id: int
    rule_id: int
    rule: str
    flag: Flag
    place: str
    outcome: str
    fired_at: float
    seen: bool

    def as_dict(self) -> dict[str, Any]:
        """What a webhook gets: the flag as ``scan --json`` has it, and where it came from."""
        return {
            "rule": self.rule,
            **self.flag.as_dict(),
            "clip_id": self.flag.clip_id,
            "file": Path(self.flag.path).name,
            "where": self.place,
            "fired_at": self.fired_at,
        }


class Rulebook:
    """The rules of one workbench's library, and their log. Holds nothing of its own, so make one wherever it is needed."""

    def __init__(self, bench: Workbench) -> None:
        self._kept = bench.library.rules
        self._settings = bench.settings

    # Rules

    def save(self, rule: Rule) -> Rule:
        """Keep a new rule, or a changed one: one that looks for something else now loses its dry run and is disarmed.

        Raises BadInput for an address that is not allowed here.
        """
        self._check(rule)
        if rule.rule_id:
            before = self.get(rule.rule_id)
            same = before.looks_for == rule.looks_for
            rule = replace(rule, armed=before.armed and same, rehearsal=before.rehearsal if same else None)
        else:
            rule = replace(rule, armed=False, rehearsal=None)
        return self._put(rule)

    def all(self, *, deleted: bool = False) -> tuple[Rule, ...]:
        """The rules there are, the oldest first; or those that were forgotten."""
        return tuple(map(_rule, self._kept.all(deleted=deleted)))

    def armed(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.all() if rule.armed)

    def get(self, rule_id: int) -> Rule:
        """Raises UnknownName."""
        return _rule(self._kept.get(rule_id))

    def named(self, name: str) -> Rule:
        """The rule of this name. Raises BadInput, which says what there is."""
        found = next((rule for rule in self.all() if rule.name == name), None)
        if found is None:
            names = ", ".join(rule.name for rule in self.all()) or "none yet"
            raise BadInput(f"rule ({name}) must be one of this library's ({names}); make it on the Watch page")
        return found

    def rehearsed(self, rule_id: int, flags: int, seconds: float, sentence: str) -> Rule:
        """Somebody has seen what the rule would have done in ``seconds`` of stored video: it may be armed now."""
        return self._put(replace(self.get(rule_id), rehearsal=Rehearsal(flags, seconds, sentence, time.time())))

    def arm(self, rule_id: int) -> Rule:
        """Raises BadInput without a dry run, and for an address that is not allowed any more."""
        rule = self.get(rule_id)
        if rule.rehearsal is None:
            raise BadInput(f"rule ({rule.name}) must have had a dry run; look at what it would have done, then arm it")
        self._check(rule)
        return self._put(replace(rule, armed=True))

    def disarm(self, rule_id: int) -> Rule:
        return self._put(replace(self.get(rule_id), armed=False))

    def forget(self, rule_id: int) -> None:
        """``restore`` brings it back, disarmed."""
        self._kept.set_deleted(rule_id, deleted=True)

    def restore(self, rule_id: int) -> Rule:
        self._kept.set_deleted(rule_id, deleted=False)
        return self.get(rule_id)

    # What they do

    def matching(
        self, flag: Flag, clip: Clip | None = None, *, folder: str = "", camera: str = "", rules: Sequence[Rule] | None = None
    ) -> tuple[Rule, ...]:
        """Which armed rules (or which of ``rules``) a flag that was seen there is for."""
        asked = self.armed() if rules is None else rules
        return tuple(
            rule for rule in asked if rule.fires_for(flag.concept) and rule.where.holds(clip, folder=folder, camera=camera)
        )

    def fire(self, rule: Rule, flag: Flag, *, place: str = "") -> Firing:
        """Write down that it fired, and put up its notice; a webhook waits for ``deliver``. ``place`` says where, for people."""
        waits, told = "webhook" in rule.actions, "notice" in rule.actions
        payload = {"rule": rule.name, "place": place or rule.where.shown, "flag": asdict(flag)}
        outcome = "webhook waits" if waits else ("notice" if told else "logged")
        return _firing(self._kept.log(rule.rule_id, flag.clip_id, payload, outcome, seen=not told))

    def deliver(self, rule: Rule, firing: Firing) -> Firing:
        """Post the webhook of a firing, if its rule has one; what became of it is in the log. Takes seconds at the worst."""
        if "webhook" not in rule.actions:
            return firing
        return self.note(firing, acting.post(rule.webhook, firing.as_dict(), self._settings.webhook_hosts))

    def note(self, firing: Firing, outcome: str) -> Firing:
        """Write down what became of a firing."""
        self._kept.set_outcome(firing.firing_id, outcome)
        return replace(firing, outcome=outcome)

    # The log

    def log(self, *, limit: int = 100, rule_id: int = 0) -> tuple[Firing, ...]:
        """The newest first."""
        return tuple(map(_firing, self._kept.firings(limit=limit, rule_id=rule_id)))

    def unseen(self, *, limit: int = 100) -> tuple[Firing, ...]:
        """Notices that nobody has looked at, the newest first."""
        return tuple(map(_firing, self._kept.firings(limit=limit, unseen=True)))

    def seen(self, firing_ids: Sequence[int] | None = None) -> None:
        """These notices, or all of them, have been looked at."""
        self._kept.see(firing_ids)

    def _check(self, rule: Rule) -> None:
        if rule.webhook:
            acting.check(rule.webhook, self._settings.webhook_hosts)
        if rule.where.kind == "camera":
            streams.check(rule.where.value, self._settings.stream_hosts)
        if rule.where.kind == "folder" and not Path(rule.where.value).is_dir():
            raise BadInput(f"folder ({rule.where.value}) must be there; name one that this machine has")

    def _put(self, rule: Rule) -> Rule:
        values = asdict(rule)
        payload = {name: value for name, value in values.items() if name not in ("name", "armed", "rule_id")}
        return _rule(self._kept.put(clean_label(rule.name, what="rule"), payload, armed=rule.armed, rule_id=rule.rule_id))


def _rule(row: StoredRule) -> Rule:
    kept = row.payload
    try:
        rehearsal = Rehearsal(**kept["rehearsal"]) if kept["rehearsal"] else None
        where, actions = Where(**kept["where"]), tuple(kept["actions"])
        return Rule(row.name, kept["concept"], where, actions, kept["webhook"], row.rule_id, row.armed, rehearsal)
    except (KeyError, TypeError, BadInput) as error:
        raise LibraryDamaged(f"the rule {row.name} has lost its shape; forget it and make it again") from error


def _firing(row: StoredFiring) -> Firing:
    kept = row.payload
    try:
        flag = Flag(**kept["flag"])
        return Firing(
            row.firing_id, row.rule_id, kept["rule"], flag, kept["place"], row.outcome, row.fired_at, row.seen_at is not None
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LibraryDamaged(f"line {row.firing_id} of the log of rules has lost its shape") from error
