"""What the documents say is true: their code runs and prints what stands below it, and what they name exists."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from core.__main__ import app
from core.errors import BAD_CLIP_REASONS
from core.settings import DecodingLimits
from tests import encoder_table

PROJECT = Path(__file__).resolve().parents[1]
README = PROJECT / "README.md"
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])
GROUP = typer.main.get_command(app)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"python -m core ([a-z][a-z |-]*(?:[^`\n]*))")
ROOMS = ("core", "docs", "tests", "pages", "benchmarks", ".streamlit", ".ci")
WORDS = [
    "clip",
    "source",
    "label",
    "window",
    "stride",
    "frames",
    "encoder",
    "spec",
    "fingerprint",
    "embedding",
    "query",
    "gallery",
    "prototype",
    "similarity",
    "percentile",
    "background",
    "match",
    "stream",
    "action",
    "ledger",
]
"""What the code calls things; each is explained to people in the glossary."""


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def blocks(document: Path) -> list[tuple[str, str]]:
    """(language, content) of each fenced block."""
    return FENCE.findall(text_of(document))


def programs() -> list[tuple[str, str, str]]:
    """(name, code, expected output) of each python block that a text block follows."""
    found = []
    for document in DOCUMENTS:
        fenced = blocks(document)
        for number, ((language, code), (following, output)) in enumerate(itertools.pairwise(fenced)):
            if (language, following) == ("python", "text"):
                found.append((f"{document.name} {number}", code, output))
    return found


def test_there_is_something_to_look_at() -> None:
    assert README in DOCUMENTS and PROJECT / "docs" / "architecture.md" in DOCUMENTS
    assert any(name.startswith("README") for name, _, _ in programs()), "the README shows code and what it prints"
    assert len(commands()) > 5


@pytest.mark.parametrize(("name", "code", "output"), programs(), ids=[name for name, _, _ in programs()])
def test_code_prints_what_stands_below_it(name: str, code: str, output: str, tmp_path: Path) -> None:
    """Run as a reader would from a fresh clone, in a folder of its own; spaces and last digits do not count."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, f"{name}: {done.stderr}"
    assert said_the_same(done.stdout.split(), output.split()), f"{name} prints:\n{done.stdout}"


def said_the_same(printed: list[str], promised: list[str]) -> bool:
    """Words to the letter, similarities within 0.02: drawing, film and network may round otherwise on another processor."""
    return len(printed) == len(promised) and all(map(_same, printed, promised))


def _same(printed: str, promised: str) -> bool:
    if printed == promised:
        return True
    try:
        return abs(float(printed) - float(promised)) <= 0.02
    except ValueError:
        return False


def test_a_changed_word_or_number_is_noticed() -> None:
    assert said_the_same(["running", "0.16"], ["running", "0.15"])
    assert not said_the_same(["running", "0.16"], ["running", "0.10"])
    assert not said_the_same(["running"], ["jogging"]) and not said_the_same(["running"], ["running", "0.1"])


def test_the_first_forty_lines_of_the_readme_are_enough() -> None:
    first = "\n".join(text_of(README).splitlines()[:40])
    assert "make app" in first and "make test" in first and "```python" in first
    assert re.search(r"!\[[^\]]+\]\(docs/screens/[^)]+\)", first), "a picture"


# -- commands -----------------------------------------------------------------------------------------------------------


def commands() -> list[tuple[str, str]]:
    """(document, what follows ``python -m core``) wherever a document names a command."""
    return [(document.name, line) for document in DOCUMENTS for line in COMMAND.findall(text_of(document))]


@pytest.mark.parametrize(("document", "line"), commands())
def test_commands_and_their_options_exist(document: str, line: str) -> None:
    words = line.split()
    for name in [word for word in (words[0], *alternatives(words)) if word]:
        assert name in GROUP.commands, f"{document}: python -m core {line}"  # type: ignore[attr-defined]
    command = GROUP.commands[words[0]]  # type: ignore[attr-defined]
    if words[0] in ("weights", "notebook", "concepts") and len(words) > 1 and words[1].isalpha() and words[1].islower():
        assert words[1] in command.commands, f"{document}: python -m core {line}"
        command = command.commands[words[1]]
    known = {option for parameter in command.params for option in parameter.opts}
    for option in re.findall(r"--[a-z-]+", line.partition("#")[0]):
        assert option in known, f"{document}: python -m core {line}: {option}"


def alternatives(words: list[str]) -> list[str]:
    """``list | remove | erase``: the words after bars, as long as they are commands and not a shell's pipe."""
    return [word for bar, word in itertools.pairwise(words) if bar == "|" and word in GROUP.commands]  # type: ignore[attr-defined]


def test_every_command_is_documented() -> None:
    """In the README or under docs/, so that nobody has to find it by chance."""
    said = "\n".join(text_of(document) for document in DOCUMENTS)
    missing = [name for name in GROUP.commands if not re.search(rf"\b{name}\b", said)]  # type: ignore[attr-defined]
    assert missing == []


def test_targets_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(PROJECT / "Makefile"), re.MULTILINE))
    named = {
        (document.name, name) for document in DOCUMENTS for name in re.findall(r"(?:`|^)make ([a-z-]+)", text_of(document), re.M)
    }
    assert named and {name for _, name in named} <= targets, named


# -- files and words ----------------------------------------------------------------------------------------------------


def paths() -> list[tuple[str, str]]:
    """(document, path) of everything in backticks or links that looks like a file or folder of ours."""
    found = set()
    for document in DOCUMENTS:
        prose = FENCE.sub("", text_of(document))
        for quoted in [*re.findall(r"`([^`\s]+)`", prose), *re.findall(r"\]\((?!https?:|#)([^)#\s]+)", prose)]:
            if quoted.split("/")[0] in ROOMS and "/" in quoted and not set(quoted) & set("*<>{}"):
                found.add((document.name, quoted.rstrip("/.,")))
    return sorted(found)


@pytest.mark.parametrize(("document", "path"), paths())
def test_files_that_are_named_exist(document: str, path: str) -> None:
    assert (PROJECT / path).exists() or (PROJECT / "docs" / path).exists(), f"{document} names {path}"


def test_the_glossary_explains_the_words_of_the_code() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", text_of(PROJECT / "docs" / "glossary.md"), re.MULTILINE)
    explained = " , ".join(rows)
    assert [word for word in WORDS if not re.search(rf"\b{word}\b", explained)] == []


def test_every_encoder_is_documented_as_it_is() -> None:
    assert encoder_table.table() in text_of(encoder_table.PAGE), "run: python -m tests.encoder_table"


def test_the_limits_in_the_architecture_are_those_of_the_code() -> None:
    said, limits = text_of(PROJECT / "docs" / "architecture.md"), DecodingLimits()
    assert f"{limits.file_bytes >> 30} GiB, {limits.duration_seconds / 3600:g} hours, {limits.side_px} px" in said
    assert f"{limits.pixels / 1e6:.1f} million pixels" in said and f"{limits.streams}\nstreams" in said.replace(
        " streams", "\nstreams"
    )
    assert len(BAD_CLIP_REASONS) == 12 and "twelve names" in said


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_no_document_leans_on_somebodys_machine(document: Path) -> None:
    assert not re.findall(r"/(?:root|home|work|Users)/\w+", text_of(document))
