"""What in the library may be wrong: labels that the neighbours contradict, films that are there twice, splits that leak."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip
from core.errors import MotionbookError, NotEnoughData
from core.leakage import Leakage, Twins
from core.suspects import Suspect
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import map_state
from pages.parts.frame import guarded
from pages.parts.map_asking import MapAsked
from pages.parts.map_chosen import selection
from pages.parts.state import Undo, get, key, session
from pages.parts.time_asking import pair_params
from pages.parts.words import count, plain, similarity

SHOWN = 8
MORE = key("map", "more-suspects")


def labels(bench: Workbench, asked: MapAsked) -> None:
    """Suggested label errors, the surest first: take the other label, or find this one right."""
    try:
        found = benches.suspects(asked.encoder)
    except NotEnoughData as error:
        st.caption(plain(str(error)[:1].upper() + str(error)[1:]))
        return
    fine = map_state.here().fine
    left = [one for one in found.found if (one.clip.clip_id, one.clip.label) not in fine]
    told = len(found.found) - len(left)
    st.caption(plain(found.sentence) + (f" You found {count(told, 'label')} right." if told else ""))
    if not left:
        st.success("No label looks wrong: the neighbours of each clip agree with it.", icon=":material/check_circle:")
        return
    st.caption("A list to look through, no verdict: the neighbours of a rare way of doing something speak for another label.")
    most = int(get(MORE) or SHOWN)
    for one in left[:most]:
        _suspect(bench, one)
    if len(left) > most:
        st.button(
            f"Show more of {len(left):,}",
            key=key("map", "more"),
            icon=":material/expand_more:",
            on_click=_show_more,
            args=(most,),
        )


def _show_more(most: int) -> None:
    st.session_state[MORE] = most + SHOWN


def _suspect(bench: Workbench, one: Suspect) -> None:
    clip = one.clip
    picture, told, acts = st.columns([1, 5, 5], vertical_alignment="center", gap="medium")
    with picture:
        _picture(bench, clip)
    told.markdown(f"**{plain(clip.name)}** · {plain(clip.source or 'unknown source')}")
    told.caption(plain(one.sentence))
    with acts.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"Set label to {plain(one.suggested)}", key=key("map", "accept", clip.clip_id), on_click=guarded(_accept),
            args=(bench, clip, one.suggested), icon=":material/label:",
        )  # fmt: skip
        st.button(
            "Keep", key=key("map", "fine", clip.clip_id), on_click=_fine, args=(clip,), help=f"{plain(clip.label)} is right"
        )
        shown = [clip.clip_id, *(neighbour.clip_id for neighbour in one.neighbours)]
        st.button(
            "Show", key=key("map", "suspect", clip.clip_id), type="tertiary", on_click=map_state.here().choose_clips,
            args=(shown,), help="It and its nearest clips of other sources, on the map",
        )  # fmt: skip


def _accept(bench: Workbench, clip: Clip, label: str) -> None:
    before = bench.library.relabel([clip.clip_id], label=label)
    session().undo = Undo(f"label {label} on {clip.name}"[:80], labellings=before)
    session().news = f"{clip.name} is {label} now; Undo is beside the map."


def _fine(clip: Clip) -> None:
    map_state.here().fine.add((clip.clip_id, clip.label))


def duplicates(asked: MapAsked) -> None:
    """Films that are there twice, family by family."""
    found = benches.duplicates(asked.encoder)
    if not found.pairs:
        st.success(plain(found.sentence), icon=":material/check_circle:")
        return
    st.caption(plain(found.sentence))
    for number, family in enumerate(found.families[:SHOWN]):
        told, show, beside = st.columns([7, 2, 3], vertical_alignment="center", gap="medium")
        told.markdown(
            " · ".join(plain(clip.name) for clip in family[:4]) + (f" and {len(family) - 4} more" if len(family) > 4 else "")
        )
        told.caption(", ".join(sorted({plain(clip.label or "no label") for clip in family})))
        ids = [clip.clip_id for clip in family]
        show.button(
            "Show", key=key("map", "family", number), type="tertiary", on_click=map_state.here().choose_clips, args=(ids,)
        )
        params = pair_params(family[0].clip_id, family[1].clip_id) | {"encoder": asked.encoder}
        beside.page_link("pages/time.py", label="Side by side", icon=":material/timeline:", query_params=params)
    if len(found.families) > SHOWN:
        st.caption(f"and {count(len(found.families) - SHOWN, 'more group')}")


def leaks(asked: MapAsked, clips: Sequence[Clip]) -> None:
    """Two sides of a split, by labels, sources or what was chosen on the map, and what they have in common."""
    options = _sides(clips)
    first, second = st.columns(2, gap="medium")
    picks = [
        box.selectbox(
            title, list(options), index=None, key=key("map", "leak", place), placeholder="choose", format_func=options.get
        )
        for box, title, place in ((first, "For training", "a"), (second, "For testing", "b"))
    ]
    if not all(picks):
        st.caption(
            "A split is two sets of clips, one to learn from and one to test on. Choose both, for instance two selections of the "
            "map (keep one as A): the same person or recording on both sides makes a test too easy."
        )
        return
    _report(benches.leakage(asked.encoder, str(picks[0]), str(picks[1])))


def _sides(clips: Sequence[Clip]) -> dict[str, str]:
    """Query -> what people read."""
    state = map_state.here()
    chosen = state.chosen_clips()
    found: dict[str, str] = {}
    inside, here = set(chosen), list(dict.fromkeys(clip.clip_id for clip in clips))
    rest = [clip_id for clip_id in here if clip_id not in inside] if chosen else []
    for ids, told in ((chosen, "What is chosen on the map"), (rest, "The rest of the map"), (state.aside, "Selection A")):
        if ids:
            query, named = selection(list(ids))
            found.setdefault(query, f"{told} · {count(named, 'clip')}")
    found |= {f"label:{label}": f"label {label}" for label in sorted({clip.label for clip in clips if clip.label})}
    return found | {f"source:{source}": f"source {source}" for source in sorted({clip.source for clip in clips if clip.source})}


def _report(found: Leakage) -> None:
    (st.success if found.clean else st.warning)(
        plain(found.sentence), icon=":material/check_circle:" if found.clean else ":material/leak_add:"
    )
    if found.shared_sources:
        rows = [{"source": name, "for training": a, "for testing": b} for name, a, b in found.shared_sources]
        st.dataframe(rows, hide_index=True, alt="Sources on both sides, with their clips")
    if found.twins:
        st.dataframe(
            [_twins(one) for one in found.twins[:200]], hide_index=True, alt="Clips of both sides that are nearly the same"
        )
    ids = [clip.clip_id for one in found.twins for clip in (one.first, one.second)] + [
        clip.clip_id for clip in found.shared_clips
    ]
    if ids:
        st.button("Show them on the map", key=key("map", "leaks"), on_click=map_state.here().choose_clips, args=(ids,))


def _twins(one: Twins) -> dict[str, str]:
    return {"for training": one.first.name, "for testing": one.second.name, "raw similarity": similarity(one.similarity)}


def _picture(bench: Workbench, clip: Clip) -> None:
    try:
        st.image(str(bench.thumbnail(clip.clip_id)))
    except (MotionbookError, OSError):
        st.caption("no picture")
