"""What a search found: a sentence, how the words were understood, and the matches as a grid of looping films."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.clips import Progress
from core.errands import STOPPED
from core.errors import MotionbookError
from core.previewing import Previewer
from core.searching import MOST_TOP, TOP, Found, Results, Search
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import models_errand, search_picked, words_mix
from pages.parts import search_asking as asking
from pages.parts.frame import complain, guarded
from pages.parts.previews import Card, Event, previews
from pages.parts.state import key, session
from pages.parts.words import count, plain, similarity

LOOKING = "Looking at"
LOOK_SECONDS = 1.0
PLACE_PX = 900
Cards = dict[str, Found]


def answer(bench: Workbench, search: Search) -> Results | None:
    """What was found; None where something else must come first, which is then drawn."""
    texts = [str(query) for query in search.queries]
    if words_mix.fetch_first(bench, texts, search.encoder) or not _taken_in(bench, search):
        return None
    try:
        with st.skeleton(height=PLACE_PX):
            return benches.found(search)
    except MotionbookError as error:  # the controls above stay, so that what was asked can be mended
        complain(error)
        return None


def _taken_in(bench: Workbench, search: Search) -> bool:
    """Whether every take that is asked for was looked at by this encoder; if not, that is begun, and how far it is is drawn."""
    try:
        takes = [bench.takes.get(leaf.value) for query in search.queries for leaf in query.leaves() if leaf.kind == "take"]
        waiting = [take for take in takes if not bench.takes.embedded(take.take_id, search.encoder)]
    except MotionbookError as error:
        complain(error)
        return False
    if not waiting:
        return True
    take, state = waiting[0], bench.errands.state
    title = f"{LOOKING} {take.name}"
    if state is not None and not state.ended:
        models_errand.running(bench)
        return False
    if state is not None and state.title == title and state.error:
        stopped = state.error == STOPPED
        told = "Stopped before it was looked at." if stopped else plain(state.error[:1].upper() + state.error[1:])
        (st.info if stopped else st.error)(told, icon=":material/info:" if stopped else ":material/error:")
        st.button(
            "Try again", key=key("search", "again"), on_click=guarded(_look), args=(bench, title, take.take_id, search.encoder)
        )
        return False
    _look(bench, title, take.take_id, search.encoder)
    models_errand.running(bench)
    return False


def _look(bench: Workbench, title: str, take_id: str, encoder: str) -> None:
    def work(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
        bench.takes.embeddings(take_id, encoder, progress=report, should_stop=should_stop)

    bench.errands.start(title, work)


def shown(bench: Workbench, results: Results) -> None:
    """The answer, from its sentence to its last match."""
    st.markdown(f"**{plain(results.sentence)}**")
    leaves = [leaf for query in results.search.queries for leaf in query.leaves() if leaf.kind == "text"]
    if len(leaves) == len(results.understood):  # an encoder with a text tower of its own understands without a mix
        pairs = list(zip(leaves, results.understood, strict=True))
        words_mix.readings(bench, pairs, results.search.encoder, guarded(asking.ask_instead))
    if results.matches:
        _grid(bench, results)
        _more(results)
    else:
        search_picked.bar(bench, results)  # the last labelling may be why nothing is left: its undo is there
    st.caption(_told(bench, results))


def _told(bench: Workbench, results: Results) -> str:
    looked = f"{count(results.windows, 'moment')} of {count(results.clips, 'clip')} looked through"
    parts = [plain(bench.spec(results.search.encoder).title), f"{looked} in {results.seconds * 1000:,.0f} ms"]
    if results.hidden:
        parts.append(f"{count(results.hidden, 'clip')} of the query's own source hidden")
    if results.search.fold and any(match.folded for match in results.matches):
        parts.append("clips that are nearly the same stand behind the best of them")
    meaning = "Similarity is centred: 0 is as alike as any two clips of this library."
    return f"{' · '.join(parts)}. {meaning}"


def _more(results: Results) -> None:
    top = results.search.top
    if len(results.matches) < top or top >= MOST_TOP:
        return
    st.button(
        "Show more", icon=":material/expand_more:", key=key("search", "more"), on_click=guarded(asking.change),
        kwargs={"top": min(top + TOP, MOST_TOP)},
    )  # fmt: skip


# -- the grid ------------------------------------------------------------------------------------------------------------


def _grid(bench: Workbench, results: Results) -> None:
    """Looks again every second while small films are being made: each appears as soon as it is there."""
    previewer = benches.previewer()
    cards = _cards(results)
    missing = _missing(previewer, cards)
    every = LOOK_SECONDS if previewer.want(missing) else None
    st.fragment(_draw, run_every=every)(bench, results, bool(every))


def _draw(bench: Workbench, results: Results, looking: bool) -> None:
    previewer = benches.previewer()
    cards = _cards(results)
    search_picked.bar(bench, results)
    event = previews(
        [_card(bench, previewer, results.search, name, found) for name, found in cards.items()],
        key="search-grid",
        alt="What was found, the most alike first. Arrows move between films, Enter opens one, space picks it, + and - say more "
        "or less like this, P holds the films still.",
        on_event=lambda event: _act(cards, event),
    )
    if (event is not None and event.kind != "pick") or (looking and not _missing(previewer, cards)):
        st.rerun()


def _cards(results: Results) -> Cards:
    """By key: the matches, and behind those that were unfolded what is nearly the same."""
    made: Cards = {}
    for match in results.matches:
        name = _name(match)
        made[name] = match
        if name in session().unfolded:
            made |= {_name(one): one for one in match.folded}
    return made


def _name(found: Found) -> str:
    return f"{found.clip.clip_id[:16]}-{found.window}"


def _missing(previewer: Previewer, cards: Cards) -> list[tuple[str, float, float]]:
    stretches = [(one.clip, one.start_seconds, one.end_seconds) for one in cards.values()]
    return [
        (clip.clip_id, start, end)
        for clip, start, end in stretches
        if previewer.get(clip, start, end) is None and not previewer.failure(clip, start, end)
    ]


def _card(bench: Workbench, previewer: Previewer, search: Search, name: str, found: Found) -> Card:
    clip = found.clip
    film = previewer.get(clip, found.start_seconds, found.end_seconds)
    try:
        poster = bench.thumbnail(clip.clip_id)
    except (MotionbookError, OSError):  # a damaged picture is no reason to show no matches at all
        poster = None
    failure = previewer.failure(clip, found.start_seconds, found.end_seconds)
    return Card(
        name,
        film.content if film else None,
        film.form if film else "",
        film.start_seconds if film else 0.0,
        film.end_seconds if film else 0.0,
        clip.name,
        _lines(found),
        _badges(found, search),
        clip.clip_id in session().picked,
        poster,
        similarity(found.similarity),
        _fold(name, found),
        _given(search, found),
        f"This film cannot be shown: {failure}" if failure else "",
    )


def _lines(found: Found) -> tuple[str, ...]:
    place = (
        f"above {min(int(found.percentile), 99)} % of pairs"
        if found.percentile == found.percentile
        else "no pairs to compare with"
    )
    span = f"{found.start_seconds:.1f}–{found.end_seconds:.1f} s of {found.clip.info.duration_seconds:.1f} s"
    return place, span, f"{found.clip.label or 'no label'} · {found.clip.source or 'unknown source'}"


def _badges(found: Found, search: Search) -> tuple[str, ...]:
    return ("own source",) * (found.own_source and search.own == "mark") + ("synthetic",) * found.clip.synthetic


def _fold(name: str, found: Found) -> str:
    if not found.folded:
        return ""
    told = f"{len(found.folded):,} nearly the same"
    return f"hide {told}" if name in session().unfolded else f"and {told}"


def _given(search: Search, found: Found) -> str:
    query = asking.shorter(found.query)
    return "more" if query in search.more else "less" if query in search.less else ""


def _act(cards: Cards, event: Event) -> None:
    here, found = session(), cards[event.key]
    for name, on in event.picks:
        (here.picked.add if on else here.picked.discard)(cards[name].clip.clip_id)
    if event.kind in ("more", "less"):
        guarded(asking.give_back)(asking.shorter(found.query), liked=event.kind == "more")
    elif event.kind == "fold":
        here.unfolded ^= {event.key}
    elif event.kind == "open":
        here.opened = event.key


def found_by(results: Results, name: str) -> Found | None:
    """The match, or what is folded behind one, that a card's key names."""
    return next((one for match in results.matches for one in (match, *match.folded) if _name(one) == name), None)
