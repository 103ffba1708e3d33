"""The commands about networks: which there are, and their weights on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from core import answers, encoders, weights
from core.clips import Progress
from core.commands.terminal import Json, bar, complaints, say, screen, tell_findings, telling, until_interrupted, workbench
from core.errors import BadInput, Cancelled, MotionbookError
from core.settings import Settings
from core.weights import Carried, WeightsStatus
from core.workbench import Workbench

weights_app = typer.Typer(help="The networks' weights on this machine.", no_args_is_help=True)


def list_encoders(json: Json = False) -> None:
    """The networks that can embed clips."""
    with workbench(json) as bench:
        rows = [_encoder_row(bench, name) for name in encoders.names()]
        if json:
            say({"default": bench.default, "encoders": rows})
            return
        table = Table("encoder", "ready", "clips", "D", "window", "title")
        for row in rows:
            ready = "yes" if row["ready"] else "no"
            table.add_row(
                row["encoder"], ready, str(row["clips"]), str(row["dimension"]), f"{row['window_seconds']:g} s", row["title"]
            )
        screen.print(table)
        screen.print("`python -m core weights list` says what those that are not ready lack.", style="dim")


def _encoder_row(bench: Workbench, name: str) -> answers.Answer:
    status = bench.shelf.status(name)
    count = bench.library.count_embedded(bench.fingerprint(name)) if status.ready else 0
    return answers.encoder(encoders.spec(name), status, embedded_clips=count)


@weights_app.command("list")
def weights_list(json: Json = False) -> None:
    """Which weights are here, and what those that are not are called and where they belong."""
    with telling(json):
        cache = _cache()
        found = [weights.status(encoders.spec(name), cache) for name in encoders.names()]
        if json:
            say({"cache": str(cache), "weights": [answers.weights(status) for status in found]})
            return
        for status in found:
            for line in _told(status):
                screen.print(line, highlight=False, soft_wrap=True)
        screen.print(f"A published file may be put by hand into its encoder's folder below {cache / 'weights'}, or imported.")


def _told(status: WeightsStatus) -> tuple[str, ...]:
    """Two lines for people; the JSON form says more."""
    first = f"{status.name:20} {status.state:16} {_megabytes(status):>9}  {status.licence}"
    named = f"{status.file_name} from " if status.file_name else ""
    return (first, f"{'':20} {named}{status.source}")


def _megabytes(status: WeightsStatus) -> str:
    count = status.bytes or status.download_bytes
    return f"{count / 1e6:.1f} MB" if count else "-"


@weights_app.command("fetch")
def weights_fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Encoders; the default one when none is named.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Of every encoder there is.")] = False,
    json: Json = False,
) -> None:
    """Download, verify and convert weights. Does nothing for what is here and sound; goes on where it broke off."""
    with telling(json):
        settings = _settings()
        if everything and names:
            raise BadInput("weights fetch must be given names or --all, not both; leave one out")
        chosen = list(encoders.names()) if everything else names or [settings.encoder]
        fetched: dict[str, str | None] = {}
        failed: dict[str, answers.Answer] = {}
        with until_interrupted() as interrupted:
            for name in chosen:
                try:
                    with bar(f"fetching {name}") as move:
                        fetched[name] = _fetch(name, settings.cache, move, interrupted)
                except Cancelled:
                    raise
                except MotionbookError as failure:
                    if len(chosen) == 1:
                        raise
                    failed[name] = answers.error(failure)["error"]
        if json:
            say({"fetched": fetched, "failed": failed})
        else:
            for name, path in fetched.items():
                screen.print(f"{name}: {path or _without_file(name)}", highlight=False, soft_wrap=True)
            for name, told in failed.items():
                complaints.print(f"{name}: {told['reason']}: {told['message']}", highlight=False, soft_wrap=True)
        if failed:
            raise typer.Exit(1)


def _without_file(name: str) -> str:
    parts = encoders.spec(name).parts
    return f"its parts are here: {', '.join(parts)}" if parts else "needs no weights of its own"


def _fetch(name: str, cache: Path, move: Callable[[Progress], None], interrupted: Callable[[], bool]) -> str | None:
    stored = weights.fetch(encoders.spec(name), cache, move, interrupted)
    return str(stored) if stored else None


@weights_app.command("import")
def weights_import(
    what: Annotated[str, typer.Argument(metavar="NAME|FOLDER", help="An encoder, or a folder (or file) to be recognised.")],
    file: Annotated[Path | None, typer.Argument(help="The file with that encoder's weights.")] = None,
    json: Json = False,
) -> None:
    """Take weights from a file, or whatever is known in a folder, for machines without internet."""
    with telling(json):
        if file is not None:
            spec = encoders.spec(what)
            found = [Carried(file, "imported", what, path=weights.import_file(spec, file, _cache()))]
        else:
            specs = [encoders.spec(name) for name in encoders.names()]
            with until_interrupted() as interrupted, bar("importing") as move:
                found = weights.take(Path(what), _cache(), specs, progress=move, should_stop=interrupted)
        taken = {one.encoder: str(one.path) for one in found if one.path}
        if json:
            say(
                {"imported": taken} if file is not None else {"imported": taken, "files": [answers.carried(one) for one in found]}
            )
        else:
            for one in found:
                told = ": ".join(part for part in (str(one.file), one.encoder, one.outcome, one.message) if part)
                screen.print(told, highlight=False, soft_wrap=True)
        if any(one.refused for one in found):
            raise typer.Exit(1)


@weights_app.command("verify")
def weights_verify(
    names: Annotated[list[str] | None, typer.Argument(help="Encoders; all whose weights are here when none is named.")] = None,
    json: Json = False,
) -> None:
    """Read every byte of the weights that are here and compare them with their hashes."""
    with telling(json):
        cache, problems, sound = _cache(), [], []
        for spec in [encoders.spec(name) for name in names or encoders.names()]:
            if not names and not (spec.needs_weights and weights.status(spec, cache).ready):
                continue
            try:
                weights.verify(spec, cache)
                sound.append(spec.name)
            except MotionbookError as failure:
                problems.append(str(failure))
        tell_findings({"sound": sound, "problems": problems}, problems, json, "All weights that are here are sound.")


def _settings() -> Settings:
    settings = Settings.from_environment()
    encoders.learn(settings.encoders)
    return settings


def _cache() -> Path:
    return _settings().cache
