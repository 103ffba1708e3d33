"""What the Map page shows and its written form in the address. Pure functions: whatever a link holds, nothing raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from core.errors import MotionbookError
from core.mapping import Layout
from core.queries import parse
from pages.parts.asking import allowed

COLOURS = {"label": "Label", "source": "Source", "cluster": "Cluster", "like": "Similarity to a query"}
GROUPINGS = {"hdbscan": "HDBSCAN", "kmeans": "k-means"}
MOST_CLUSTERS = 100
NUMBERS = {"seed": int, "neighbours": int, "min_dist": float, "perplexity": float}
PARAMS = ("encoder", "method", "of", *NUMBERS, "colour", "grouping", "k", "q", "cluster")


@dataclass(frozen=True, slots=True)
class MapAsked:
    """One view of the library: by which encoder and layout, coloured by what, and which cluster is chosen.

    ``k`` is how many clusters k-means makes, 0 for as many as suit; ``q`` is a query in its written form, "" for none.
    """

    encoder: str = ""
    layout: Layout = Layout()  # noqa: RUF009 (frozen)
    colour: str = "label"
    grouping: str = "hdbscan"
    k: int = 0
    q: str = ""
    cluster: int | None = None

    def params(self) -> dict[str, str]:
        """As query parameters, so that the address of the page is the view; what is usual or not used is left out."""
        told = {"encoder": self.encoder} if self.encoder else {}
        usual = Layout(self.layout.method)
        for name in ("method", "of", *NUMBERS):
            value = getattr(self.layout, name)
            if name == "method" or (name in self.layout.settings and value != getattr(usual, name)):
                told[name] = f"{value:g}" if isinstance(value, float) else str(value)
        told["colour"] = self.colour
        if self.grouping != "hdbscan":
            told |= {"grouping": self.grouping} | ({"k": str(self.k)} if self.k else {})
        if self.q:
            told["q"] = self.q
        if self.cluster is not None:
            told["cluster"] = str(self.cluster)
        return told


def read(params: Mapping[str, str], encoders: Sequence[str]) -> tuple[MapAsked, list[str]]:
    """The view that query parameters ask for, and complaints about what could not be understood.

    ``encoders`` are the names that may be chosen, the default first.
    """
    complaints: list[str] = []
    asked = MapAsked(
        _one_of("encoder", params, encoders, complaints),
        _layout(params, complaints),
        _one_of("colour", params, tuple(COLOURS), complaints),
        _one_of("grouping", params, tuple(GROUPINGS), complaints),
        _number("k", params, 0, MOST_CLUSTERS, complaints) or 0,
        _query(params.get("q", ""), complaints),
        _number("cluster", params, 0, 9999, complaints),
    )
    return asked, complaints


def _layout(params: Mapping[str, str], complaints: list[str]) -> Layout:
    given = {name: params[name] for name in ("method", "of", *NUMBERS) if name in params}
    kept: dict[str, object] = {}
    for name, text in given.items():
        try:
            value = NUMBERS[name](text) if name in NUMBERS else text
            Layout(**{name: value})  # each by itself, so that one mistake costs one value
        except (ValueError, MotionbookError) as error:
            complaints.append(str(error) if isinstance(error, MotionbookError) else f"{name} ({text[:40]!r}) must be a number")
        else:
            kept[name] = value
    return Layout(**kept)  # type: ignore[arg-type]


def _one_of(name: str, params: Mapping[str, str], choices: Sequence[str], complaints: list[str]) -> str:
    value = params.get(name, choices[0])
    if value in choices:
        return value
    complaints.append(f"{name} ({value[:40]!r}) must be one of {', '.join(choices)}; {choices[0]} is shown instead")
    return choices[0]


def _number(name: str, params: Mapping[str, str], least: int, most: int, complaints: list[str]) -> int | None:
    text = params.get(name, "")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most:
        return int(text)
    complaints.append(f"{name} ({text[:40]!r}) must be a whole number from {least} to {most}; left out")
    return None


def _query(text: str, complaints: list[str]) -> str:
    """A link must not make this machine open a file that its sender chose."""
    if not text:
        return ""
    try:
        return str(allowed(parse(text)))
    except MotionbookError as error:
        complaints.append(str(error))
        return ""


LAYOUT_FIELDS = tuple(field.name for field in fields(Layout) if field.name != "weights")


def known_params(params: Mapping[str, str]) -> dict[str, str]:
    return {name: params[name] for name in PARAMS if name in params}
