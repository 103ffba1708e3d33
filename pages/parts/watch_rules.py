"""Rules: what happens when a concept fires. Made, tried on the stored history, armed, and their log."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip
from core.concepts import Concept
from core.rules import ACTIONS, Firing, Rule, Rulebook, Where
from core.watching import Watch, Watcher
from core.workbench import Workbench
from pages.parts import watch_guard
from pages.parts.frame import guarded
from pages.parts.state import get, key, put, session
from pages.parts.watch_asking import WatchAsked
from pages.parts.watch_controls import VIEW
from pages.parts.watch_state import here
from pages.parts.words import ago, count, plain

NAME, CONCEPT, KIND, VALUE, ACTS, HOOK = (
    key("watch", "rule", name) for name in ("name", "concept", "kind", "value", "actions", "webhook")
)
KINDS = {
    "all": "New clips of the library",
    "label": "Clips of a label",
    "source": "Clips of a source",
    "folder": "A watched folder",
    "camera": "A camera or stream",
}
TITLES = {
    "notice": "Notice in the app",
    "webhook": "Webhook",
    "log": "Log only",
    "exit": "Exit status of the command",
}
ASKED = {"folder": ("Folder of this machine", "/recordings/inbox"), "camera": ("Address", "rtsp://127.0.0.1:8554/yard")}
MOST_LINES = 100


def show(bench: Workbench, known: Sequence[Concept]) -> None:
    book = Rulebook(bench)
    _notices(book)
    rules = book.all()
    watch_guard.show(bench, [rule for rule in rules if rule.armed])
    for rule in rules:
        _one(bench, book, rule)
    if not rules:
        st.info("No rule yet. A rule says what shall happen when a concept fires: make one below.", icon=":material/rule:")
    with st.expander("New rule", icon=":material/add:", expanded=not rules or here().making_rule):
        _new(bench, known)
    _forgotten(book)
    _log(book)


def unseen(bench: Workbench) -> tuple[Firing, ...]:
    return Rulebook(bench).unseen()


def tell(fresh: Sequence[Firing]) -> None:
    """The newest notice in passing, once."""
    now = here()
    if fresh and fresh[0].firing_id > now.noticed:
        now.noticed = fresh[0].firing_id
        st.toast(f"{plain(fresh[0].rule)} fired in {plain(fresh[0].place)}", icon=":material/notifications_active:")


# -- the rules there are -------------------------------------------------------------------------------------------------


def _one(bench: Workbench, book: Rulebook, rule: Rule) -> None:
    with st.container(border=True, key=key("watch", "rule", rule.rule_id)):
        told, acts = st.columns([4, 3], vertical_alignment="center")
        with told:
            st.markdown(f"**{plain(rule.name)}** · {plain(rule.sentence)}")
            if rule.rehearsal is None:
                st.caption("Not tried yet: a dry run shows what it would have done, then it can be armed.")
            else:
                st.caption(f"Dry run {ago(rule.rehearsal.at)}: {plain(rule.rehearsal.sentence)}")
        with acts, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            st.badge("armed", icon=":material/notifications_active:") if rule.armed else st.badge("not armed", color="gray")
            st.button(
                "Dry run", key=key("watch", "rule", "try", rule.rule_id), on_click=guarded(_try), args=(bench, rule),
                icon=":material/history:",
            )  # fmt: skip
            st.button(
                "Disarm" if rule.armed else "Arm", key=key("watch", "rule", "arm", rule.rule_id), on_click=guarded(_arm),
                args=(book, rule), type="secondary" if rule.armed or rule.rehearsal is None else "primary",
                disabled=not rule.armed and rule.rehearsal is None,
                help=None if rule.rehearsal else "Try it with a dry run first",
            )  # fmt: skip
            st.button(
                "Forget", key=key("watch", "rule", "forget", rule.rule_id), on_click=guarded(_forget), args=(book, rule),
                icon=":material/delete:",
            )  # fmt: skip


def _try(bench: Workbench, rule: Rule) -> None:
    rehearse(bench, rule)
    session().news = f"Dry run of {rule.name} done"


def rehearse(bench: Workbench, rule: Rule) -> Rule:
    """The dry run over the stored clips that the rule means; of folders and cameras over the whole library."""
    clips = bench.library.clips()
    kept = [clip.clip_id for clip in clips if _means(rule, clip)]
    found = Watcher(bench).dry_run(Watch((rule.concept,)), kept)
    return Rulebook(bench).rehearsed(rule.rule_id, len(found.flags), found.seconds, found.sentence)


def _means(rule: Rule, clip: Clip) -> bool:
    if rule.where.kind not in ("label", "source"):
        return True
    return rule.where.holds(clip)


def _arm(book: Rulebook, rule: Rule) -> None:
    (book.disarm if rule.armed else book.arm)(rule.rule_id)
    session().news = f"{rule.name} is {'not armed any more' if rule.armed else 'armed'}"


def _forget(book: Rulebook, rule: Rule) -> None:
    book.forget(rule.rule_id)
    session().news = f"{rule.name} forgotten; it can be brought back below"


def _forgotten(book: Rulebook) -> None:
    gone = book.all(deleted=True)
    if not gone:
        return
    with st.expander(f"Forgotten rules ({len(gone):,})", icon=":material/delete:"):
        for rule in gone:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{plain(rule.name)}** · {plain(rule.sentence)}", width="stretch")
                st.button(
                    "Bring back",
                    key=key("watch", "rule", "back", rule.rule_id),
                    on_click=guarded(book.restore),
                    args=(rule.rule_id,),
                )


# -- a new one -----------------------------------------------------------------------------------------------------------


def _new(bench: Workbench, known: Sequence[Concept]) -> None:
    names = [concept.name for concept in known] + [
        f"{concept.name}/{one}" for concept in known if len(concept.classes) > 1 for one in concept.classes
    ]
    if get(CONCEPT) not in names:
        put(CONCEPT, names[0])
    left, middle, right = st.columns([3, 3, 4], gap="medium")
    with left:
        st.selectbox("When this fires", names, key=CONCEPT)
    with middle:
        st.selectbox("Where", list(KINDS), format_func=KINDS.__getitem__, key=KIND)
    with right:
        _value(bench, str(get(KIND) or "all"))
    if get(ACTS) is None:
        put(ACTS, ["notice"])
    acts = [name for name in TITLES if name in ACTIONS]
    st.pills("Do this", acts, format_func=TITLES.__getitem__, selection_mode="multi", key=ACTS)
    if "webhook" in (get(ACTS) or []):
        st.text_input("Post to", key=HOOK, placeholder="http://127.0.0.1:9000/flags", max_chars=1000)
        st.caption("This machine, or a host that MOTIONBOOK_WEBHOOK_HOSTS names; the flag is sent as JSON.")
    name, make = st.columns([5, 5], gap="medium", vertical_alignment="bottom")
    with name:
        st.text_input("Name of the rule", key=NAME, placeholder=str(get(CONCEPT)), max_chars=120)
    with make:
        st.button(
            "Make the rule and try it", type="primary", icon=":material/rule:", key=key("watch", "rule", "make"),
            on_click=guarded(_make), args=(bench,), disabled=not get(ACTS),
        )  # fmt: skip


def prefill(concept: str, asked: WatchAsked, folder: str) -> None:
    """To the form, filled with what a dry run was of."""
    put(VIEW, "rules")
    put(CONCEPT, concept)
    names = asked.names if asked.place in ("label", "source") else ()
    kind = "folder" if asked.place == "folder" and folder else asked.place if len(names) == 1 else "all"
    put(KIND, kind)
    if kind == "folder":
        put(VALUE, folder)
    elif kind != "all":
        put(key("watch", "rule", kind), names[0])
    here().making_rule = True


def _value(bench: Workbench, kind: str) -> None:
    if kind in ASKED:
        title, example = ASKED[kind]
        st.text_input(title, key=VALUE, placeholder=example, max_chars=1000)
    elif kind == "all":
        st.caption("Every clip that comes into the library from now on.")
    else:
        values = sorted({clip.label if kind == "label" else clip.source for clip in bench.library.clips()} - {""})
        st.selectbox(kind.capitalize(), values, key=key("watch", "rule", kind), index=None, placeholder="which one")


def _make(bench: Workbench) -> None:
    kind = str(get(KIND) or "all")
    value = get(VALUE) if kind in ASKED else get(key("watch", "rule", kind))
    acts, concept = tuple(get(ACTS) or ()), str(get(CONCEPT))
    hook = str(get(HOOK) or "").strip() if "webhook" in acts else ""
    where = Where(kind, "" if kind == "all" else str(value or "").strip())
    made(bench, Rule(str(get(NAME) or "").strip() or concept, concept, where, acts, hook))
    put(NAME, "")
    here().making_rule = False


def made(bench: Workbench, rule: Rule) -> None:
    """Keep a new rule, with its dry run."""
    kept = rehearse(bench, Rulebook(bench).save(rule))
    session().news = f"{kept.name} is made; arm it when its dry run pleases you"


# -- what happened -------------------------------------------------------------------------------------------------------


def _notices(book: Rulebook) -> None:
    fresh = book.unseen()
    if not fresh:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=key("watch", "notices")):
        newest = fresh[0]
        st.markdown(
            f":material/notifications_active: **{count(len(fresh), 'notice')}** unseen, the last {ago(newest.fired_at)}: "
            f"{plain(newest.rule)} at {newest.flag.start_seconds:.1f} s in {plain(newest.place)}",
            width="stretch",
        )
        st.button("Seen", icon=":material/done_all:", key=key("watch", "seen"), on_click=guarded(book.seen))


def _log(book: Rulebook) -> None:
    lines = book.log(limit=MOST_LINES)
    with st.expander(f"Log ({len(lines):,})" if lines else "Log", icon=":material/list_alt:"):
        if not lines:
            st.caption("Nothing has fired yet. Every firing of an armed rule is written down here.")
            return
        rows = [
            {
                "when": ago(line.fired_at),
                "rule": line.rule,
                "where": line.place,
                "from": f"{line.flag.start_seconds:.1f} s",
                "to": f"{line.flag.end_seconds:.1f} s",
                "sure": f"{100 * line.flag.confidence:.0f} %",
                "became": line.outcome,
            }
            for line in lines
        ]
        st.dataframe(rows, hide_index=True, alt="What armed rules did, the newest first")
