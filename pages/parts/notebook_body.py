"""What a cell shows, on the Home page and when it is presented: number, sentence, figure, films, prose."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core import notebooks
from core.clips import Clip
from core.errors import MotionbookError
from core.store import Cell
from core.workbench import Workbench
from pages.parts import heat, player
from pages.parts.previews import Card, previews
from pages.parts.state import key
from pages.parts.words import plain, similarity

Answer = Mapping[str, Any]
Film = Mapping[str, Any]
"""One of an answer's ``films``: ``clip``, and ``start`` and ``end`` in seconds where it is a part."""
MOST_FILMS = 12
BIG_HEIGHT_PX = 620


def prose(markdown: str, *, note: bool = False) -> None:
    """People's own text: ``st.markdown`` would fetch the pictures that it names."""
    if markdown.strip():
        st.html(f'<div class="mb-prose{" mb-note" if note else ""}">{notebooks.html_of(markdown)}</div>')


def told(answer: Answer, *, big: bool = False) -> None:
    """The large number and the sentence."""
    headline = answer.get("headline")
    if headline:
        value = headline.get("value")
        st.html(
            f'<div class="mb-headline">{similarity(float("nan") if value is None else value)}</div>'
            f'<div class="mb-of">similarity of {html.escape(str(headline.get("of", "")))}</div>'
        )
    sentence = str(answer.get("sentence", ""))
    if sentence and big:
        st.html(f'<div class="mb-slide-told">{html.escape(sentence)}</div>')
    elif sentence:
        st.markdown(plain(sentence))


def changed(cell: Cell) -> None:
    """What the last run changed."""
    marks = notebooks.changes(cell.before, cell.answer)
    if marks and not (cell.answer or {}).get("error"):
        st.html('<div class="mb-changed">' + "".join(f"<span>{html.escape(mark)}</span>" for mark in marks) + "</div>")


def figure(cell: Cell, answer: Answer, place: str, *, big: bool = False) -> None:
    """Nothing where the answer has none."""
    drawn = notebooks.figure(answer, theme=heat.theme())
    if drawn is None:
        return
    if big:
        drawn = notebooks.enlarged(drawn, BIG_HEIGHT_PX)
    st.plotly_chart(
        drawn, theme=None, key=key("notebook", place, cell.cell_id, cell.answer_id), config={"displayModeBar": False},
        alt=notebooks.alt(answer),
    )  # fmt: skip


def films(bench: Workbench, cell: Cell, answer: Answer, place: str, *, columns: int, playing: bool = True) -> None:
    """The clips of an answer, playing or as pictures; one that is gone by now is told."""
    found = _known(bench, answer)
    lacking = len(answer.get("films") or ()) - len(found)
    shown = found[:MOST_FILMS]
    if playing and any(film.get("end") is not None for _, film in shown):
        _moments(bench, cell, answer, place, shown)
    elif shown:
        with st.grid(columns, min_column_width=150, gap="small", key=key("films", place, cell.cell_id)):
            for number, (clip, film) in enumerate(shown):
                where = f"{place}-{cell.cell_id}-{number}"
                with st.container(key=f"film-{where}", gap="xsmall"):
                    if playing:
                        player.play(bench, clip, place=where)
                    else:
                        _picture(bench, clip, where)
                    st.caption(_line(clip, _value(film, answer)))
    if lacking:
        st.caption(f"{lacking} of its clips {'is' if lacking == 1 else 'are'} no longer in the library.")


def _moments(bench: Workbench, cell: Cell, answer: Answer, place: str, shown: Sequence[tuple[Clip, Film]]) -> None:
    """Parts of clips, each going round from its start to its end."""
    cards = [_card(bench, f"{number}", clip, film, answer) for number, (clip, film) in enumerate(shown)]
    previews(cards, key=key("moments", place, cell.cell_id), tools=(), alt="The moments that were found, the most alike first.")


def _card(bench: Workbench, name: str, clip: Clip, film: Film, answer: Answer) -> Card:
    playable, value = player.film(bench, clip), _value(film, answer)
    start, end = float(film.get("start") or 0.0), float(film.get("end") or clip.info.duration_seconds)
    try:
        poster = bench.thumbnail(clip.clip_id)
    except (MotionbookError, OSError):  # a damaged picture is no reason to show nothing at all
        poster = None
    lines = (f"{start:.1f}–{end:.1f} s of {clip.info.duration_seconds:.1f} s",)
    about = f"{clip.label or 'no label'}{f' · {clip.source}' if clip.source else ''}"
    figure = similarity(value) if value is not None else ""
    return Card(
        name, playable.path, playable.form, start, end, clip.name, (*lines, about), poster=poster, figure=figure,
        sorry=playable.sorry,
    )  # fmt: skip


def _known(bench: Workbench, answer: Answer) -> list[tuple[Clip, Film]]:
    films: Sequence[Film] = answer.get("films") or ()
    found = [(bench.library.find(str(film["clip"])), film) for film in films]
    return [(clip, film) for clip, film in found if clip is not None and clip.deleted_at is None]


def _value(film: Film, answer: Answer) -> float | None:
    """Of a search the film's own number."""
    rows = [row for row in answer.get("numbers") or () if row.get("clip") == film["clip"]]
    exact = [row for row in rows if film.get("end") is not None and row.get("start") == film.get("start")]
    return next((row.get("similarity") for row in (*exact, *rows)), None)


def _line(clip: Clip, value: float | None) -> str:
    """Name, label, source, and the number."""
    parts = [plain(clip.name), plain(clip.label) or "no label"]
    if clip.source:
        parts.append(plain(clip.source))
    return " · ".join(parts) + (f" · **{similarity(value)}**" if value is not None else "")


def _picture(bench: Workbench, clip: Clip, place: str) -> None:
    with st.container(key=f"card-{place}"):
        try:
            st.image(str(bench.thumbnail(clip.clip_id)), alt=f"{clip.name}, {clip.label or 'no label'}", width="stretch")
        except (MotionbookError, OSError):
            st.caption("no picture")
