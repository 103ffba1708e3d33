"""What words were understood as, and the analyst's own mix in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.comparing import Comparison
from core.errors import BadInput
from core.mixing import SHOWN, Understood
from core.queries import MIX_LIMIT, Query, parse
from core.words import ERRAND
from core.workbench import Workbench
from pages.parts import models_errand
from pages.parts.frame import guarded
from pages.parts.sides import SIDES
from pages.parts.state import get, key, put
from pages.parts.words import plain, size

Replace = Callable[[Query, Query], None]


def fetch_first(bench: Workbench, texts: Sequence[str], encoder: str) -> bool:
    """Whether words wait for their reader; then what is needed, a button, and how far it is, are drawn."""
    if not bench.words.waits(bench.spec(encoder), [parse(text) for text in texts]):
        return False
    state = bench.errands.state
    if state is not None and not state.ended:
        models_errand.running(bench)
        return True
    if state is not None and state.title == ERRAND and state.error:
        st.error(plain(state.error[:1].upper() + state.error[1:]), icon=":material/cloud_off:")
    st.info(
        f"Words are read by a sentence encoder, {size(bench.words.download_bytes)}, that is fetched once and then works without "
        "internet. Everything else works without it.",
        icon=":material/translate:",
    )
    st.button(
        "Fetch what reads words",
        icon=":material/download:",
        type="primary",
        key=key("words", "fetch"),
        on_click=guarded(bench.words.begin_to_fetch),
    )
    return True


def shown(bench: Workbench, comparison: Comparison, encoder: str) -> None:
    """Every text of the question with its mix, and the way to correct it."""
    leaves = [leaf for side in comparison.sides for leaf in side.query.leaves() if leaf.kind == "text"]
    read = [one for side in comparison.sides for one in side.understood]
    readings(bench, list(zip(leaves, read, strict=True)), encoder, _replace)


def readings(bench: Workbench, pairs: Sequence[tuple[Query, Understood]], encoder: str, replace: Replace) -> None:
    """Texts with what they were read as; ``replace`` puts a corrected text in the place of another."""
    once = {str(leaf): (leaf, one) for leaf, one in pairs}
    if not once:
        return
    with st.container(border=True, key=key("words", "understood")):
        for number, (leaf, one) in enumerate(once.values()):
            told, correct = st.columns([5, 1], vertical_alignment="center")
            told.markdown(sentence(one))
            with correct.popover("Your mix" if one.corrected else "Correct", icon=":material/tune:", width="stretch"):
                _correct(bench, number, leaf, one, encoder, replace)
        st.caption(
            "Words and action names are directions of the pictures\u2019 stream, so this answer is made in that stream alone."
        )


def sentence(one: Understood) -> str:
    """ "**running** was understood as jogging 0.72, running on treadmill 0.28"."""
    how = "is your mix of" if one.corrected else "was understood as"
    doubt = " :orange[No action name is near these words: correct the mix, or take them with care.]" if one.doubtful else ""
    return f"**{plain(one.text)}** {how} {one.names(plain)}.{doubt}"


def _correct(bench: Workbench, number: int, leaf: Query, one: Understood, encoder: str, replace: Replace) -> None:
    mark = (number, str(leaf))  # other words begin with their own mix
    first = [name for name, _ in one.mix[:SHOWN]]  # of a long tail the first names are offered: it is they that decide
    names = st.multiselect(
        "Action names",
        bench.actions(encoder),
        default=first,
        key=key("mix", *mark),
        select_all=False,
        max_selections=MIX_LIMIT,
    )
    if len(one.mix) > SHOWN:
        st.caption("The largest shares are offered; your mix is made of the names chosen here alone.")
    known = dict(one.mix)
    for name in names:
        st.slider(plain(name), 0.0, 1.0, round(known.get(name, 0.5), 2), 0.01, key=key("mix", *mark, name))
    with st.container(horizontal=True):
        st.button("Use this mix", type="primary", key=key("mix", "use", number), on_click=guarded(_use),
                  args=(leaf, mark, names, replace))  # fmt: skip
        if one.corrected:
            st.button("As understood", key=key("mix", "reset", number), on_click=replace,
                      args=(leaf, Query("text", leaf.value)))  # fmt: skip


def _use(leaf: Query, mark: tuple[int, str], names: Sequence[str], replace: Replace) -> None:
    shares = [(name, round(float(get(key("mix", *mark, name)) or 0.0), 3)) for name in names]
    mix = tuple((name, share) for name, share in shares if share > 0)
    if not mix:
        raise BadInput("mix must hold at least one action name with a share above 0; choose one")
    replace(leaf, Query("text", leaf.value, mix=mix))


def _replace(old: Query, new: Query) -> None:
    put(SIDES, [str(parse(text).replaced(old, new)) for text in get(SIDES) or []])
