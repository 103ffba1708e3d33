"""The commands about networks: which there are, and their weights on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from core import answers, encoders, weights
from core.commands.terminal import Json, bar, say, screen, tell_findings, telling, workbench
from core.errors import MotionbookError
from core.settings import Settings
from core.workbench import Workbench

weights_app = typer.Typer(help="The networks' weights on this machine.", no_args_is_help=True)


def list_encoders(json: Json = False) -> None:
    """The networks that can embed clips."""
    with workbench(json) as bench:
        rows = [_encoder_row(bench, name) for name in encoders.names()]
        if json:
            say({"default": bench.settings.encoder, "encoders": rows})
            return
        table = Table("encoder", "ready", "clips", "D", "window", "title")
        for row in rows:
            ready = "yes" if row["ready"] else "weights missing"
            table.add_row(
                row["encoder"], ready, str(row["clips"]), str(row["dimension"]), f"{row['window_seconds']:g} s", row["title"]
            )
        screen.print(table)


def _encoder_row(bench: Workbench, name: str) -> answers.Answer:
    spec = encoders.spec(name)
    ready = weights.status(spec, bench.settings.cache).ready
    count = bench.library.count_embedded(bench.fingerprint(name)) if ready else 0
    return answers.encoder(spec, ready=ready, embedded_clips=count)


@weights_app.command("list")
def weights_list(json: Json = False) -> None:
    """Which weights are here."""
    with telling(json):
        cache = Settings.from_environment().cache
        rows = [answers.weights(weights.status(encoders.spec(name), cache)) for name in encoders.names()]
        if json:
            say({"cache": str(cache), "weights": rows})
            return
        table = Table("encoder", "ready", "licence", "source")
        for row in rows:
            table.add_row(row["encoder"], "yes" if row["ready"] else "no", row["licence"], row["source"])
        screen.print(table)


@weights_app.command("fetch")
def weights_fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Encoders; the default one when none is named.")] = None,
    json: Json = False,
) -> None:
    """Download, verify and convert weights. Does nothing for what is here and sound."""
    with telling(json):
        settings = Settings.from_environment()
        paths: dict[str, str | None] = {}
        for name in names or [settings.encoder]:
            with bar(f"fetching {name}") as move:
                stored = weights.fetch(encoders.spec(name), settings.cache, progress=move)
                paths[name] = str(stored) if stored else None
        if json:
            say({"fetched": paths})
        else:
            for name, path in paths.items():
                screen.print(f"{name}: {path or 'needs no weights'}", highlight=False, soft_wrap=True)


@weights_app.command("import")
def weights_import(name: str, file: Path, json: Json = False) -> None:
    """Take weights from a file, for machines without internet."""
    with telling(json):
        path = weights.import_file(encoders.spec(name), file, Settings.from_environment().cache)
        say({"imported": {name: str(path)}}) if json else screen.print(f"{name}: {path}", highlight=False)


@weights_app.command("verify")
def weights_verify(json: Json = False) -> None:
    """Check the weights that are here against their hashes."""
    with telling(json):
        cache, problems, sound = Settings.from_environment().cache, [], []
        for name in encoders.names():
            spec = encoders.spec(name)
            if spec.needs_weights and weights.status(spec, cache).ready:
                try:
                    weights.verify(spec, cache)
                    sound.append(name)
                except MotionbookError as failure:
                    problems.append(str(failure))
        tell_findings({"sound": sound, "problems": problems}, problems, json, "All weights that are here are sound.")
