"""A notebook as one file of HTML that opens without a network, on a screen and on paper.

Nothing in it can reach out: the Content-Security-Policy allows the two scripts by their hash, and pictures and films
from the file itself. Every name is escaped; people's Markdown goes through ``prose``. On paper figures are still pictures and
films their posters, one cell a page.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import figures
from core.figures import inline
from core.notebooks import drawing, wording
from core.notebooks.asking import KIND_NAMES
from core.notebooks.changes import changes
from core.notebooks.films import BYTES_PER_FILM, SmallFilm, Spot, spot
from core.notebooks.prose import html_of
from core.notebooks.running import shown
from core.notebooks.webpage_style import DRAW, STYLE
from core.store import Cell, Notebook

FILMS = ("inside", "beside", "none")
"""Where the films are: in the file, in a folder ``films`` beside it, or nowhere (their pictures stay)."""
SCRIPT_BYTES = 4_800_000
POSTER_BYTES = 12_000
NUMBERS_ON_A_PHONE = 5  # columns; of more the numbers of the cells would lie over each other


@dataclass(frozen=True, slots=True)
class _Page:
    films: Mapping[Spot, SmallFilm]
    where: str


def html_page(notebook: Notebook, films: Mapping[Spot, SmallFilm], *, where: str = "inside") -> str:
    """The whole file. ``films`` are those of ``core.notebooks.films.make``; ``where`` is one of FILMS."""
    if where not in FILMS:
        raise ValueError(f"where ({where!r}) must be one of {', '.join(FILMS)}")
    page = _Page(films, where)
    sections = "\n".join(_section(cell, number, page) for number, cell in enumerate(notebook.cells, 1))
    drawn = any(cell.kind != "text" and drawing.figure(shown(cell)) is not None for cell in notebook.cells)
    scripts = [inline.plotly_script(), DRAW] if drawn else []
    media = "data:" if where == "inside" else "data: 'self' file:" if where == "beside" else "'none'"
    hashes = " ".join(_hash(script) for script in scripts) or "'none'"
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; media-src {media}; "
        "connect-src 'none'; font-src 'none'; form-action 'none'; base-uri 'none'"
    )
    title, count = html.escape(notebook.title), len(notebook.cells)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="Motionbook">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n'
        f'<header class="top"><p class="brand">Motion<span>book</span></p><h1>{title}</h1>'
        f"<p class=quiet>{wording.count(count, 'cell')} · {wording.when(notebook.changed_at)}</p></header>\n"
        f"{sections}\n"
        "<footer class=quiet>Similarity is the cosine after the library's mean clip was taken away: 0 is as alike as any two "
        "clips of that library. Made with Motionbook; this file needs no network.</footer>\n</main>\n"
        + "".join(f"<script>{script}</script>\n" for script in scripts)
        + "</body></html>\n"
    )


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _section(cell: Cell, number: int, page: _Page) -> str:
    if cell.kind == "text":
        return f'<section class="text prose" id="cell-{number}">{html_of(str(cell.question.get("markdown", "")))}</section>'
    answer = shown(cell)
    title = html.escape(cell.title or KIND_NAMES.get(cell.kind, "Cell"))
    parts = [f"<h2>{title}</h2>"]
    problem = str((cell.answer or {}).get("error", ""))
    if problem:
        parts.append(f'<p class="problem">{html.escape(wording.first_up(problem))}. The numbers below are the last ones.</p>')
    if answer is None:
        parts.append('<p class="quiet">Not asked yet.</p>')
    else:
        parts += [_marks(cell), _told(answer, number, page)]
    if cell.note:
        parts.append(f'<div class="prose note">{html_of(cell.note)}</div>')
    if answer is not None:
        parts.append(f'<p class="stamp">{html.escape(_asked(cell, answer))}</p>')
    return f'<section id="cell-{number}">{"".join(parts)}</section>'


def _marks(cell: Cell) -> str:
    marks = () if (cell.answer or {}).get("error") else changes(cell.before, cell.answer)
    return '<p class="marks">' + "".join(f"<span>{html.escape(mark)}</span>" for mark in marks) + "</p>" if marks else ""


def _told(answer: Mapping[str, Any], number: int, page: _Page) -> str:
    figure, films = _figure(answer, number), _films(answer, page)
    words = _headline(answer) + f"<p class=sentence>{html.escape(str(answer.get('sentence', '')))}</p>"
    if figure and films and answer.get("headline"):
        return f'<div class="two"><div>{words}{films}</div><div>{figure}</div></div>'
    return f"{words}{figure}{films}"


def _headline(answer: Mapping[str, Any]) -> str:
    headline = answer.get("headline")
    if not headline:
        return ""
    ends = headline.get("interval")
    band = f" · 95 % interval {wording.number(ends[0])} to {wording.number(ends[1])}" if ends else ""
    return (
        f'<p class="headline">{wording.number(headline.get("value"))}</p>'
        f'<p class="quiet">similarity of {html.escape(str(headline.get("of", "")))}{band}</p>'
    )


def _figure(answer: Mapping[str, Any], number: int) -> str:
    """The interactive figure, and the still picture that paper and browsers without scripts show."""
    drawn = drawing.figure(answer)
    if drawn is None:
        return ""
    about = html.escape(figures.alt_of(drawn), quote=True)
    still = drawing.picture(answer)
    picture = f'<img class="still" alt="{about}" src="{_data("image/png", still)}">' if still else ""
    height, name = int(drawn.layout.height or 420), f"plot-{number}"
    wide = " wide" if len((answer.get("draw") or {}).get("columns") or ()) > NUMBERS_ON_A_PHONE else ""
    return (
        f'<div class="figure{wide}" role="img" aria-label="{about}">'
        f'<div class="plot" id="{name}" style="height:{height}px"></div>'
        f'<script type="application/json" data-plot="{name}">{inline.as_json(drawn)}</script>{picture}</div>'
    )


def _films(answer: Mapping[str, Any], page: _Page) -> str:
    made = []
    for film in answer.get("films") or ():
        found = page.films.get(spot(film))
        if found is not None:
            made.append(_film(found, answer, page))
    return f'<div class="films">{"".join(made)}</div>' if made else ""


def _film(film: SmallFilm, answer: Mapping[str, Any], page: _Page) -> str:
    clip = film.clip
    value = next((row.get("similarity") for row in answer.get("numbers") or () if row.get("clip") == clip.clip_id), None)
    parts = [clip.name, clip.label or "no label", clip.source, wording.number(value) if value is not None else ""]
    line, name = html.escape(" · ".join(part for part in parts if part)), html.escape(clip.name, quote=True)
    poster = _data("image/jpeg", film.poster) if film.poster else ""
    still = f'<img class="poster" alt="{name}" src="{poster}">' if poster else ""
    if not film.mp4 or page.where == "none":
        return f'<figure class="picture">{still}<figcaption>{line}</figcaption></figure>'
    source = _data("video/mp4", film.mp4) if page.where == "inside" else f"films/{film.file_name}"
    posted = f' poster="{poster}"' if poster else ""
    return (
        f'<figure><video muted loop autoplay playsinline controls aria-label="{name}"{posted} src="{source}"></video>'
        f"{still}<figcaption>{line}</figcaption></figure>"
    )


def _asked(cell: Cell, answer: Mapping[str, Any]) -> str:
    """The question in its written form, and what the answer is of."""
    queries = cell.question.get("queries") or cell.question.get("query") or ()
    asked = " against ".join(map(str, queries)) if isinstance(queries, list) else str(queries or "")
    made_of = answer.get("made_of") or {}
    mark = f"fingerprint {made_of['fingerprint'].rpartition('-')[2]} · Motionbook {made_of['version']}" if made_of else ""
    return " · ".join(part for part in (asked, wording.stamp(answer), mark) if part)


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def estimated_bytes(films: int, where: str) -> int:
    """About how large the file will be, before anything is made."""
    if where == "beside":  # in an archive, which packs the script to a third
        return SCRIPT_BYTES // 3 + films * (BYTES_PER_FILM + POSTER_BYTES)
    inside = films * BYTES_PER_FILM * 4 // 3 if where == "inside" else 0
    return SCRIPT_BYTES + films * 2 * POSTER_BYTES + inside
