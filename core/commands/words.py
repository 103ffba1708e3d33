"""The command about free words: what they are read as, and fetching what reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from core import answers, queries
from core.commands.terminal import Encoder, Json, bar, complaints, say, screen, until_interrupted, workbench
from core.comparing import needed_head
from core.errors import BadInput
from core.mixing import Understood
from core.queries import Query
from core.workbench import Workbench


def words(
    texts: Annotated[list[str] | None, typer.Argument(help='Words, or a whole query such as text:"running"{jogging=1}.')] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Only bring the sentence encoder, so that words work without internet.")
    ] = False,
    encoder: Encoder = None,
    json: Json = False,
) -> None:
    """What free words are read as: a mix of the encoder's own action names."""
    with workbench(json) as bench:
        if not texts and not fetch:
            raise BadInput('words must be told which; write for example: python -m core words "running fast"')
        if fetch:
            place = _fetch(bench)
            if not texts:
                if json:
                    say({"words": str(place), "ready": True})
                else:
                    screen.print(f"What reads words is in {place}", highlight=False, soft_wrap=True)
                return
        asked = [_text(text) for text in texts or []]
        head = needed_head(asked[0], bench.head(encoder))
        if bench.spec(encoder).speaks:
            raise BadInput(f"words are placed by {bench.spec(encoder).name} itself, not read as a mix; compare them at once")
        fetch_if_needed(bench, asked, encoder)
        found = [bench.words.understand(query, head.names) for query in asked]
        if json:
            say({"encoder": bench.spec(encoder).name, "understood": [answers.words(one) for one in found]})
        else:
            tell(found)


def _text(text: str) -> Query:
    query = queries.parse(text) if text.lstrip().lower().startswith("text:") else Query("text", text.strip())
    if query.kind != "text":
        raise BadInput(f"words ({text[:60]!r}) must be words alone; ask for the rest with: python -m core compare")
    return query


def fetch_if_needed(bench: Workbench, asked: Sequence[Query], encoder: str | None) -> None:
    """Bring the sentence encoder where words are asked for, can be answered, and it is not here. Raises as ``Words.fetch``."""
    if bench.words.waits(bench.spec(encoder), asked) and bench.head(encoder) is not None:
        complaints.print(f"Words need a sentence encoder ({bench.words.download_bytes / 1e6:.0f} MB); it is fetched once.")
        _fetch(bench)


def _fetch(bench: Workbench) -> object:
    with bar("fetching") as move, until_interrupted() as interrupted:
        return bench.words.fetch(move, interrupted)


def tell(found: Iterable[Understood]) -> None:
    for one in found:
        doubt = " (no action name is near these words)" if one.doubtful else ""
        screen.print(f"understood {one.sentence}{doubt}", highlight=False)
