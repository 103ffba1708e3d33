"""The commands about the library as a whole: its map, its clusters, labels that may be wrong, and whether a split leaks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from core import exporting, map_answers, queries
from core.clustering import Clusters, clusters
from core.commands.terminal import Encoder, Json, Random, bar, complaints, say, screen, until_interrupted, workbench
from core.duplicates import NEARLY_THE_SAME
from core.errors import BadInput
from core.leakage import leakage, near_duplicates
from core.mapping import Layout, Mapper, Projection, Weights, drawn
from core.sheets import Places
from core.suspects import suspects
from core.workbench import Workbench

FORMS = (".html", ".png", ".svg", ".csv")
BY = ("label", "source", "cluster")
_USUAL = Layout()

Of = Annotated[str, typer.Option("--of", help="clips or moments")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same answer.")]
Weight = Annotated[list[str] | None, typer.Option("--weight", metavar="STREAM=NUMBER", help="How much a stream counts.")]
Shown = Annotated[int, typer.Option("--top", help="How many to print; JSON has all.", min=1)]


def lay_out(
    method: Annotated[str, typer.Option(help="umap, pca or tsne")] = _USUAL.method,
    of: Of = _USUAL.of,
    seed: Seed = _USUAL.seed,
    neighbours: Annotated[int, typer.Option(help="UMAP: more shows large shapes, fewer small ones.")] = _USUAL.neighbours,
    min_dist: Annotated[float, typer.Option(help="UMAP: how near alike places may lie.")] = _USUAL.min_dist,
    perplexity: Annotated[float, typer.Option(help="t-SNE: about how many neighbours a place minds.")] = _USUAL.perplexity,
    weight: Weight = None,
    by: Annotated[str, typer.Option(help="Colour by label, source or cluster.")] = "label",
    again: Annotated[bool, typer.Option("--again", help="Make it anew, though it is kept.")] = False,
    out: Annotated[Path | None, typer.Option(help="FILE.html, FILE.png, FILE.svg or FILE.csv")] = None,
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """The library as a map: alike clips lie near each other. A map is kept, and made again when clips came or went."""
    with workbench(json, random_weights=random_weights) as bench:
        layout = Layout(method, of, seed, neighbours, min_dist, perplexity, _weights(weight))
        if by not in BY:
            raise BadInput(f"--by ({by!r}) must be one of {', '.join(BY)}; choose one of these")
        if out is not None and out.suffix.lower() not in FORMS:
            raise BadInput(f"--out ({out.name}) must end in {', '.join(FORMS)}")
        mapper = Mapper(bench)
        made = None if again else mapper.kept(layout, encoder)
        if made is None or not made.current:
            with bar("map") as move, until_interrupted() as interrupted:
                made = mapper.make(layout, encoder, report=move, should_stop=interrupted)
        if out is not None:
            _write(out, drawn(bench, made, encoder, grouped_by=by, groups=_groups(bench, made, by, encoder)))
        if json:
            say({**map_answers.projection(made, bench.provenance(encoder)), "out": str(out) if out else None})
            return
        screen.print(f"{len(made.places):,} {of} by {layout.title}{f': {out}' if out else ''}", highlight=False, soft_wrap=True)
        for note in made.notes:
            screen.print(note, style="dim", highlight=False, soft_wrap=True)


def _groups(bench: Workbench, made: Projection, by: str, encoder: str | None) -> list[str]:
    """Names of clusters, for each place; nothing for what the map knows by itself."""
    if by != "cluster":
        return []
    found = clusters(bench, encoder, of=made.settings.of, weights=made.settings.weights)
    names = (*found.names, "")  # NO_CLUSTER is -1: the last
    keys = zip(found.points.clip_ids, found.points.windows.tolist(), strict=True)
    member = {key: names[number] for key, number in zip(keys, found.labels.tolist(), strict=True)}
    return [member.get(key, "") for key in zip(made.clip_ids, made.windows.tolist(), strict=True)]


def _write(out: Path, sheet: Places) -> None:
    from core import figures, pictures  # plotly and matplotlib take a second to import; only this option needs them

    form = out.suffix.lower()
    if form == ".csv":
        exporting.write_bytes(out, exporting.sheet_csv(sheet).encode())
    elif form == ".html":
        exporting.write_bytes(out, figures.to_html(figures.of(sheet), title=sheet.title).encode())
    else:
        exporting.write_bytes(out, pictures.picture(sheet, form[1:]))


def group(
    method: Annotated[str, typer.Option(help="hdbscan or kmeans")] = "hdbscan",
    k: Annotated[int | None, typer.Option("-k", "--k", help="k-means: how many; by silhouette when left out.")] = None,
    least: Annotated[int | None, typer.Option(help="HDBSCAN: clips or moments in the smallest cluster.")] = None,
    of: Of = "clips",
    seed: Seed = 0,
    weight: Weight = None,
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """Which clips belong together, found without labels; what each cluster looks like, and the odd ones out."""
    with workbench(json, random_weights=random_weights) as bench:
        found = clusters(bench, encoder, method, k=k, least=least, seed=seed, of=of, weights=_weights(weight))
        if json:
            say(map_answers.clusters(found, bench.provenance(encoder)))
        else:
            _print(found)


def _print(found: Clusters) -> None:
    table = Table("", "cluster", "clips", "sources", "called", "looks like")
    for name, one in zip(found.names, found.found, strict=True):
        table.add_row(str(one.number + 1), name, str(one.size), str(one.sources), one.called, one.looks_like)
    screen.print(table)
    if found.outside:
        screen.print(f"{found.outside} are in no cluster.", highlight=False, soft_wrap=True)
    if found.why_unnamed:
        screen.print(f"Names of actions are missing: {found.why_unnamed}.", style="dim", highlight=False, soft_wrap=True)
    for odd in found.odd:
        clip = found.points.clips[odd.row]
        told = f"{clip.clip_id[:12]} {clip.name} in {found.names[odd.cluster]}: {odd.oddness:.1f} deviations less alike"
        screen.print(f"odd: {told}", highlight=False, soft_wrap=True)


def suspect(
    top: Shown = 20,
    weight: Weight = None,
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """Labels that may be wrong: the nearest clips of other sources have another label."""
    with workbench(json, random_weights=random_weights) as bench:
        found = suspects(bench, encoder, weights=_weights(weight))
        if json:
            say(map_answers.suspects(found, bench.provenance(encoder)))
            return
        screen.print(found.sentence, highlight=False, style="bold")
        for one in found.found[:top]:
            screen.print(
                f"{one.clip.clip_id[:12]} {one.clip.name} ({one.margin:.2f}): {one.sentence}", highlight=False, soft_wrap=True
            )


def leak(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="A B", help="Both sides of a split, as queries; none: duplicates.")
    ] = None,
    least: Annotated[float, typer.Option(help="Raw cosine from which on two clips are nearly the same.")] = NEARLY_THE_SAME,
    top: Shown = 20,
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """Is a split clean? Sources and nearly the same films on both sides. Without sides: the library's near-duplicates."""
    with workbench(json, random_weights=random_weights) as bench:
        if not texts:
            copies = near_duplicates(bench, encoder, least=least)
            if json:
                say(map_answers.duplicates(copies, bench.provenance(encoder)))
                return
            screen.print(copies.sentence, highlight=False, style="bold")
            for pair in copies.pairs[:top]:
                screen.print(f"{pair.similarity:.3f} {pair.first.name} and {pair.second.name}", highlight=False, soft_wrap=True)
            return
        if len(texts) != 2:
            raise BadInput(
                f"leakage must be given the two sides of a split, not {len(texts)}; for example source:anna source:ben"
            )
        a, b = (queries.parse(text) for text in texts)
        found = leakage(bench, a, b, encoder, least=least)
        if json:
            say(map_answers.leakage(found, bench.provenance(encoder)))
        else:
            screen.print(found.sentence, highlight=False, style="bold")
            for name, first, second in found.shared_sources[:top]:
                screen.print(f"source {name}: {first} clips in {found.a}, {second} in {found.b}", highlight=False, soft_wrap=True)
            for pair in found.twins[:top]:
                screen.print(f"{pair.similarity:.3f} {pair.first.name} and {pair.second.name}", highlight=False, soft_wrap=True)
        if not found.clean:
            complaints.print("This split leaks.", style="red")
            raise typer.Exit(1)


def _weights(texts: list[str] | None) -> Weights:
    weights = []
    for text in texts or ():
        stream, _, number = text.partition("=")
        try:
            weights.append((stream, float(number)))
        except ValueError:
            raise BadInput(f"weight ({text!r}) must be a stream and a number, such as rgb=0.5; correct it") from None
    return tuple(weights)
