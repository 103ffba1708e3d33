"""Rules of a library: kept, rehearsed before they are armed, fired, and what they did is in the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.clips import Clip, VideoInfo
from core.errors import BadInput, UnknownName
from core.flags import Flag
from core.rules import Rule, Rulebook, Where
from core.workbench import Workbench
from tests.core.test_acting import receiver
from tests.tiny import toy_bench

FLAG = Flag("fight", 2.0, 4.5, 3.0, 0.41, 0.9, 1.7, path="/inbox/läuft.mp4")


@pytest.fixture
def bench(home: Path) -> Iterator[Workbench]:
    with toy_bench(home) as bench:
        yield bench


@pytest.fixture
def book(bench: Workbench) -> Rulebook:
    return Rulebook(bench)


def clip(label: str = "", source: str = "") -> Clip:
    return Clip("a" * 64, "a.mp4", label, source, 1, VideoInfo("mp4", "h264", 32, 32, 1.0, 10, 10.0), 0.0)


def armed(book: Rulebook, rule: Rule) -> Rule:
    return book.arm(book.rehearsed(book.save(rule).rule_id, 14, 7 * 86_400.0, "would have fired 14 times, 2 a day").rule_id)


def test_a_rule_is_armed_after_a_dry_run_only(book: Rulebook) -> None:
    made = book.save(Rule("fights", "fight"))
    assert book.all() == (made,) and not made.armed and made.sentence == "fight in new clips: log, notice"
    with pytest.raises(BadInput, match="dry run"):
        book.arm(made.rule_id)
    book.rehearsed(made.rule_id, 14, 7 * 86_400.0, "would have fired 14 times, 2 a day")
    armed = book.arm(made.rule_id)
    assert armed.armed and armed.rehearsal is not None and armed.rehearsal.flags == 14 and book.armed() == (armed,)
    assert not book.disarm(made.rule_id).armed and book.armed() == ()
    assert book.arm(made.rule_id).armed, "the dry run is still that of this rule"


def test_a_rule_that_looks_for_something_else_must_be_rehearsed_anew(book: Rulebook) -> None:
    rule = armed(book, Rule("fights", "fight"))
    renamed = book.save(replace(rule, name="brawls", actions=("notice",)))
    assert renamed.armed and renamed.rehearsal == rule.rehearsal
    for other in (replace(rule, concept="fall"), replace(rule, where=Where("label", "x"))):
        changed = book.save(other)
        assert not changed.armed and changed.rehearsal is None
        book.rehearsed(book.save(rule).rule_id, 1, 1.0, "")
        book.arm(rule.rule_id)


def test_nobody_arms_a_rule_by_saving_it(book: Rulebook) -> None:
    made = book.save(Rule("fights", "fight"))
    assert not book.save(replace(made, armed=True)).armed and not book.save(Rule("more", "fight", armed=True)).armed


def test_a_rule_is_forgotten_and_comes_back_disarmed(book: Rulebook) -> None:
    rule = armed(book, Rule("fights", "fight"))
    book.forget(rule.rule_id)
    assert book.all() == () and [one.name for one in book.all(deleted=True)] == ["fights"]
    assert not book.restore(rule.rule_id).armed and book.named("fights").rehearsal == rule.rehearsal
    with pytest.raises(UnknownName):
        book.arm(99)
    with pytest.raises(BadInput, match=r"\(fights\)"):
        book.named("brawls")


def test_rules_stay_through_a_restart(book: Rulebook, bench: Workbench, home: Path) -> None:
    rule = armed(book, Rule("fights", "fight", Where("folder", str(home)), ("exit", "webhook"), "http://localhost:1/x"))
    fired = book.fire(rule, FLAG)
    bench.close()
    with toy_bench(home) as again:
        assert Rulebook(again).armed() == (rule,) and Rulebook(again).log() == (fired,)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (lambda: Rule("", "fight"), "name"),
        (lambda: Rule("fights", "fight", actions=("call",)), "must be some of"),
        (lambda: Rule("fights", "fight", actions=("webhook",)), "webhook"),
        (lambda: Rule("fights", "fight", webhook="http://localhost/"), "webhook"),
        (lambda: Rule("fights", "fight", Where.parse("planet:mars")), "must be one of"),
        (lambda: Rule("fights", "fight", Where.parse("folder:")), "name"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(rule: object, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        rule()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("where", "webhook"),
    [
        ("all", "http://169.254.169.254/"),
        ("all", "https://hooks.example/"),
        ("camera:rtsp://10.0.0.7/live", ""),
        ("camera:file:///etc/passwd", ""),
        ("camera:/etc/passwd", ""),
        ("camera:concat:a|b", ""),
        ("camera:webcam:0", ""),
        ("folder:/not/here", ""),
    ],
)
def test_addresses_that_are_not_allowed_are_not_kept(book: Rulebook, where: str, webhook: str) -> None:
    actions = ("webhook",) if webhook else ("log",)
    with pytest.raises(BadInput):
        book.save(Rule("fights", "fight", Where.parse(where), actions, webhook))
    assert book.all() == ()


def test_a_camera_that_the_settings_name_is_taken_and_its_password_stays_out_of_sight(home: Path) -> None:
    with toy_bench(home) as bench:
        bench.settings = replace(bench.settings, stream_hosts=("10.0.0.7", "webcam:0"))
        book = Rulebook(bench)
        rule = armed(book, Rule("fights", "fight", Where.parse("camera:rtsp://ann:geheim@10.0.0.7/live")))
        armed(book, Rule("waves", "wave", Where.parse("camera:webcam:0")))
        assert "geheim" not in rule.sentence + book.fire(rule, FLAG).place + str(book.log())


def test_where_a_rule_looks() -> None:
    assert Where().holds(clip()) and not Where().holds(folder="/in") and not Where().holds(camera="webcam:0")
    assert Where("label", "gym").holds(clip("gym")) and not Where("label", "gym").holds(clip("", "gym"))
    assert Where("source", "cam 1").holds(clip("", "cam 1")) and not Where("source", "cam 1").holds()
    assert Where("folder", "/in").holds(folder="/in") and not Where("folder", "/in").holds(clip())
    assert Where("camera", "webcam:0").holds(camera="webcam:0") and not Where("camera", "webcam:0").holds(folder="webcam:0")
    assert Where.parse("camera:rtsp://a:1/b") == Where("camera", "rtsp://a:1/b")


def test_only_armed_rules_of_the_concept_and_the_place_fire(book: Rulebook) -> None:
    safety = armed(book, Rule("safety", "safety"))
    climbing = armed(book, Rule("climbing", "safety/climbing", Where("label", "gym")))
    book.save(Rule("sleeping", "safety"))
    assert book.matching(replace(FLAG, concept="safety/climbing"), clip("gym")) == (safety, climbing)
    assert book.matching(replace(FLAG, concept="safety/climbing")) == (safety,)
    assert book.matching(replace(FLAG, concept="safetyx")) == ()


def test_what_fired_is_in_the_log_until_it_is_looked_at_and_after(book: Rulebook) -> None:
    loud, quiet = armed(book, Rule("loud", "fight")), armed(book, Rule("quiet", "fight", actions=("log",)))
    first, second, third = book.fire(loud, FLAG), book.fire(quiet, FLAG, place="take 2"), book.fire(loud, FLAG)
    assert book.log() == (third, second, first) and book.log(limit=1, rule_id=quiet.rule_id) == (second,)
    assert first.flag == FLAG and second.place == "take 2" and (first.outcome, second.outcome) == ("notice", "logged")
    assert book.unseen() == (third, first)
    book.seen([first.firing_id])
    assert book.unseen() == (third,)
    book.seen()
    assert book.unseen() == () and [firing.seen for firing in book.log()] == [True] * 3


def test_a_webhook_gets_the_flag_and_the_log_what_became_of_it(book: Rulebook) -> None:
    with receiver(200) as (url, heard):
        rule = armed(book, Rule("fights", "fight", actions=("webhook",), webhook=url))
        waiting = book.fire(rule, FLAG)
        assert waiting.outcome == "webhook waits"
        sent = book.deliver(rule, waiting)
    assert sent.outcome == "webhook delivered (200)" and book.log() == (sent,)
    assert b'"peak_seconds": 3.0' in heard[0][2] and "läuft.mp4".encode() in heard[0][2] and b"/inbox" not in heard[0][2]


def test_an_address_that_is_not_allowed_any_more_is_not_posted_to(book: Rulebook, bench: Workbench) -> None:
    bench.settings = replace(bench.settings, webhook_hosts=("hooks.example",))
    rule = armed(Rulebook(bench), Rule("fights", "fight", actions=("webhook",), webhook="http://hooks.example/"))
    book.disarm(rule.rule_id)
    with pytest.raises(BadInput, match="MOTIONBOOK_WEBHOOK_HOSTS"):
        book.arm(rule.rule_id)
    assert book.deliver(rule, book.fire(rule, FLAG)).outcome.startswith("webhook not sent")
