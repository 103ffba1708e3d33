"""The commands about concepts: teaching one, and what became of those that were taught."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from core import concept_files, exporting, queries, teach_answers
from core.augmenting import CHOICES, Augmenter
from core.commands import words as spoken
from core.commands.terminal import Encoder, Json, Random, bar, complaints, say, screen, until_interrupted, workbench
from core.concepts import NONE, Concept, Example
from core.errors import BadInput
from core.lessons import words_query
from core.teaching import AUTO, Lesson, Teacher, Trial, examples_of
from core.workbench import Workbench

concepts_app = typer.Typer(help="Concepts: list, show, export, import, forget ...", no_args_is_help=True)
Names = list[str] | None
Which = Annotated[str, typer.Argument(metavar="NAME", help="Name of the concept; see `concepts list`.")]


def teach(
    name: Annotated[str, typer.Argument(help="What to call it; concept:NAME asks for it.")],
    positive: Annotated[Names, typer.Option(metavar="QUERY", help="Clips that show it: label:fight, clip:ID@2.0-4.5 ...")] = None,
    negative: Annotated[Names, typer.Option(metavar="QUERY", help="Clips that do not.")] = None,
    shows: Annotated[Names, typer.Option("--class", metavar="CLASS=QUERY", help="Clips that show one of several.")] = None,
    label: Annotated[str, typer.Option(help="The clips of a label, against clips of other labels.")] = "",
    words: Annotated[str, typer.Option(help="Free words as one more positive example.")] = "",
    head: Annotated[str, typer.Option(help="prototype, knn, ridge, logistic or svm; auto takes the best.")] = AUTO,
    target: Annotated[str, typer.Option(help="false-alarms:1 (an hour), precision:0.9 or conformal:0.05.")] = "",
    augment: Annotated[str, typer.Option(help=f"{', '.join(CHOICES)}: altered copies to learn from, too; auto tries all.")] = "",
    dry: Annotated[bool, typer.Option("--dry-run", help="Only try; keep nothing.")] = False,
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """Teach a concept from examples: the head that does best on sources left out, and a threshold with what it promises."""
    with workbench(json, random_weights=random_weights) as bench:
        given = _examples(bench, name, positive or [], negative or [], shows or [], label, encoder)
        lesson = Lesson(name, given, encoder or "", (), words, head, (), target)
        if words:
            spoken.fetch_if_needed(bench, [words_query(words)], encoder)
        with bar("teaching") as move, until_interrupted() as interrupted:
            if augment == "auto":
                found = Augmenter(bench).choose(lesson, progress=move, should_stop=interrupted)
                complaints.print(found.sentence, highlight=False)
                lesson = replace(lesson, augment=found.names)
            elif augment:
                lesson = replace(lesson, augment=tuple(one.strip() for one in augment.split(",")))
            trial = Teacher(bench).try_out(lesson, move, interrupted)
        concept = trial.concept if dry else Teacher(bench).keep(trial.concept)
        if json:
            say({**teach_answers.concept(concept), "heads": teach_answers.heads(trial.heads), "kept": not dry})
        else:
            _print_trial(trial, concept, kept=not dry)


def _examples(
    bench: Workbench,
    name: str,
    positive: list[str],
    negative: list[str],
    shows: list[str],
    label: str,
    encoder: str | None,
) -> tuple[Example, ...]:
    if shows and (positive or label):
        raise BadInput("--class must not be given with --positive or --label; write --class NAME=QUERY for each class")
    given: list[Example] = []
    if label:
        drawn = Lesson.from_label(bench, label, name, encoder or "", 0 if negative else None)
        given += drawn.examples
    asked = [(name, text) for text in positive] + [(NONE, text) for text in negative] + [_of_class(text) for text in shows]
    for shown, text in asked:
        given += examples_of(bench, queries.parse(text), shown, encoder)
    return tuple(given)


def _of_class(text: str) -> tuple[str, str]:
    named, equals, query = text.partition("=")
    if not equals or not named.strip():
        raise BadInput(f"--class ({text[:60]}) must have the form NAME=QUERY; write for example climbing=label:climbing")
    return named.strip(), query


def _print_trial(trial: Trial, concept: Concept, *, kept: bool) -> None:
    screen.print(trial.why, style="bold", highlight=False)
    if trial.heads:
        table = Table("head", "average precision", "95 %", "AUC")
        for one in trial.heads:
            numbers = f"{one.average_precision:.2f}", f"{one.interval.low:.2f}-{one.interval.high:.2f}", f"{one.auc:.2f}"
            table.add_row(one.kind, *numbers)
        screen.print(table)
    _print_thresholds(concept)
    told = f"Kept; ask for it with concept:{concept.name}" if kept else "Nothing was kept."
    screen.print(told, style="dim", highlight=False)


def _print_thresholds(concept: Concept) -> None:
    for name, threshold in zip(concept.classes, concept.thresholds, strict=True):
        said = threshold.sentence or "never calibrated"
        screen.print(f"{name} from {threshold.value:.3f} on. {said}", highlight=False)


@concepts_app.command("list")
def list_concepts(json: Json = False) -> None:
    """The concepts that this library was taught."""
    with workbench(json) as bench:
        teacher = Teacher(bench)
        found = teacher.all()
        if json:
            lost = sorted(set(teacher.names()) - {one.name for one in found})
            say({"concepts": [teach_answers.concept(one, teacher.stale(one)) for one in found], "unusable": lost})
            return
        table = Table("concept", "classes", "examples", "encoder", "head", "")
        for one in found:
            table.add_row(
                one.name, ", ".join(one.classes), str(len(one.examples)), one.encoder, one.head.kind, teacher.stale(one)
            )
        screen.print(table)


@concepts_app.command()
def show(name: Which, json: Json = False) -> None:
    """How a concept was taught, what its thresholds promise, and its examples."""
    with workbench(json) as bench:
        concept = Teacher(bench).get(name)
        stale = Teacher(bench).stale(concept)
        if json:
            say({**teach_answers.concept(concept, stale), "examples": teach_answers.examples(concept)})
            return
        screen.print(concept.chosen, style="bold", highlight=False)
        _print_thresholds(concept)
        if stale:
            screen.print(stale, style="red", highlight=False)
        table = Table("clip", "seconds", "class", "origin")
        for one in concept.examples:
            span = f"{one.span[0]:.1f}-{one.span[1]:.1f}" if one.span else "whole"
            table.add_row(one.clip_id[:8], span, one.name or "none", one.origin)
        screen.print(table)


@concepts_app.command()
def export(
    name: Which, out: Annotated[Path, typer.Argument(help="FILE.concept: numbers and names, no films.")], json: Json = False
) -> None:
    """Write a concept into one file that another library can import."""
    with workbench(json) as bench:
        if out.suffix.lower() != concept_files.SUFFIX:
            raise BadInput(f"file ({out.name}) must end in {concept_files.SUFFIX}; rename it")
        content = Teacher(bench).export(name)
        exporting.write_bytes(out, content)
        if json:
            say({"out": str(out), "bytes": len(content), "concept": name})
        else:
            screen.print(f"{out}: {len(content):,} bytes", highlight=False)


@concepts_app.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="FILE.concept that `concepts export` wrote.")],
    name: Annotated[str, typer.Option(help="Another name for it.")] = "",
    json: Json = False,
) -> None:
    """Keep a concept that somebody else taught."""
    with workbench(json) as bench:
        _tell(bench, Teacher(bench).adopt(concept_files.read(file), file.name, name), json)


@concepts_app.command()
def forget(name: Which, json: Json = False) -> None:
    """Take a concept away; `concepts restore` brings it back."""
    with workbench(json) as bench:
        Teacher(bench).forget(name)
        if json:
            say({"forgotten": name})
        else:
            screen.print(f"{name} is forgotten; bring it back with: concepts restore", highlight=False)


@concepts_app.command()
def restore(name: Which, json: Json = False) -> None:
    """Bring a forgotten concept back."""
    with workbench(json) as bench:
        _tell(bench, Teacher(bench).restore(name), json)


@concepts_app.command()
def rename(name: Which, new: Annotated[str, typer.Argument(help="Its new name.")], json: Json = False) -> None:
    """Call a concept something else."""
    with workbench(json) as bench:
        _tell(bench, Teacher(bench).rename(name, new), json)


@concepts_app.command()
def reteach(name: Which, encoder: Encoder = None, json: Json = False) -> None:
    """Teach a concept again from its examples, as its encoder sees them now, or by another one."""
    with workbench(json) as bench:
        with bar("teaching") as move, until_interrupted() as interrupted:
            made = Teacher(bench).reteach(name, encoder, move, interrupted)
        _tell(bench, made, json)


def _tell(bench: Workbench, concept: Concept, json: bool) -> None:
    stale = Teacher(bench).stale(concept)
    if json:
        say(teach_answers.concept(concept, stale))
    else:
        screen.print(f"{concept.name}: {concept.chosen}", highlight=False)
        if stale:
            screen.print(stale, style="red", highlight=False)
