"""The product's colours, and what a heatmap needs before anything is drawn: scale, limits, ticks. No drawing library here.

The browser's figures and the PNG files both read from this page, so that they show one scale and one order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Provenance

ACCENT = "#0F766E"
"""The one accent of the product, on light ground; ACCENT_ON_DARK has the same hue on dark ground."""
ACCENT_ON_DARK = "#2DD4BF"
FONT = "Inter, 'Source Sans Pro', 'Source Sans 3', system-ui, -apple-system, 'Segoe UI', sans-serif"

Stops = tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of one theme as hex or rgba() texts. ``diverging`` runs from unlike over 0 to alike, ``sequential`` upwards."""

    text: str
    muted: str
    line: str
    paper: str
    missing: str
    accent: str
    other: str
    diverging: Stops
    sequential: Stops


def _even(*colours: str) -> Stops:
    return tuple((index / (len(colours) - 1), colour) for index, colour in enumerate(colours))


# ColorBrewer's BrBG is made to be told apart with every common colour blindness; its teal is the accent's neighbour.
_BROWN_TEAL = _even("#543005", "#8C510A", "#BF812D", "#DFC27D", "#F6E8C3", "#F5F5F5", "#C7EAE5", "#80CDC1", "#35978F", "#01665E", "#003C30")  # fmt: skip  # noqa: E501
_AMBER_MINT = _even("#FFE3B0", "#F2BC66", "#C98A35", "#85591F", "#463620", "#20262E", "#1D4643", "#1C7069", "#2C9F94", "#5FCDBF", "#C2F5EC")  # fmt: skip  # noqa: E501
# matplotlib's cividis, nine samples: made so that people with and without red-green blindness see the same picture.
_CIVIDIS = _even("#00224E", "#123570", "#3B496C", "#575D6D", "#707173", "#8A8678", "#A59C74", "#C3B369", "#FEE838")

THEMES: dict[str, Theme] = {
    "light": Theme(
        text="#1F2933", muted="#6B7785", line="rgba(31,41,51,0.14)", paper="#FFFFFF", missing="rgba(107,119,133,0.16)",
        accent=ACCENT, other="#B45309", diverging=_BROWN_TEAL, sequential=_CIVIDIS,
    ),
    "dark": Theme(
        text="#E6EAF0", muted="#94A0AE", line="rgba(230,234,240,0.16)", paper="#0E1117", missing="rgba(148,160,174,0.18)",
        accent=ACCENT_ON_DARK, other="#F59E0B", diverging=_AMBER_MINT, sequential=_CIVIDIS,
    ),
}  # fmt: skip
SCALES = ("diverging", "sequential")

# Okabe & Ito 2008, "Color universal design": eight colours that people with red-green blindness tell apart. Their black is the
# theme's own ink, so that it shows on dark ground. The order keeps those that are nearest to each other apart.
_OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
NAMED_COLOURS = 16
"""How many labels get a colour of their own; beyond it colours begin again, so names must stand beside them."""


def label_palette(theme: str) -> tuple[str, ...]:
    """NAMED_COLOURS colours as "#rrggbb": the eight of Okabe and Ito, then the same half way to the paper."""
    ground, strong = THEMES[theme].paper, (*_OKABE_ITO, THEMES[theme].text)
    return (*strong, *(mixed(colour, ground, 0.5) for colour in strong))


def label_colours(names: Iterable[str], theme: str = "light") -> dict[str, str]:
    """A colour for each label, by the order of their names, so that it does not depend on the order of the clips.

    The first eight are told apart with every common colour blindness, the next eight are paler; a clip without a label is grey.
    """
    colours = label_palette(theme)
    given = {name: colours[place % len(colours)] for place, name in enumerate(sorted({name for name in names if name}))}
    return {**given, "": THEMES[theme].muted}


def curve_inks(theme: str) -> tuple[str, ...]:
    """Four colours for lines laid over each other; they should differ in more than colour too."""
    colours = THEMES[theme]
    return (colours.other, colours.accent, "#56B4E9" if theme == "dark" else "#0072B2", colours.muted)


def mixed(colour: str, other: str, share: float) -> str:
    """``share`` of the way from one "#rrggbb" to another."""
    parts = [(int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + share * (b - a)):02X}" for a, b in parts)


@dataclass(frozen=True, slots=True)
class Ticks:
    """Positions along an axis (cell numbers, may be halves), their texts, and where a line parts two groups."""

    positions: tuple[float, ...]
    texts: tuple[str, ...]
    borders: tuple[float, ...] = ()


def limits(matrix: NDArray[np.floating], scale: str) -> tuple[float, float]:
    """The values at both ends of the scale.

    Diverging: symmetric around 0, and a clip's similarity to itself (1) does not count, since it would pale all the rest.
    """
    values = np.asarray(matrix, dtype=np.float64)
    values = values[np.isfinite(values)]
    if scale == "sequential":
        return (float(values.min()), float(values.max())) if values.size and values.min() < values.max() else (0.0, 1.0)
    others = np.abs(values[values < 0.9999])
    largest = float(others.max()) if others.size else 1.0
    end = min(max(math.ceil(largest * 20 - 1e-9) / 20, 0.1), 1.0) if largest <= 1 else largest
    return -end, end


def ink(value: float, ends: tuple[float, float], stops: Stops) -> str:
    """Black or white, whichever reads better on the colour that ``value`` has on the scale from ``ends``."""
    low, high = ends
    place = min(max((value - low) / (high - low or 1.0), 0.0), 1.0)
    places = [stop for stop, _ in stops]
    channels = [[int(colour[i : i + 2], 16) / 255 for _, colour in stops] for i in (1, 3, 5)]
    red, green, blue = (float(np.interp(place, places, channel)) ** 2.2 for channel in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    # Equal contrast with both inks is at 0.18 (WCAG 2 contrast ratio: (L1 + 0.05) / (L2 + 0.05)).
    return "#FFFFFF" if luminance < 0.18 else "#111827"


def signed(value: float, digits: int) -> str:
    """``value`` with a real minus sign, which is as wide as a digit, and none before a zero; a dash for NaN."""
    if not math.isfinite(value):
        return "–"
    return f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", "−")


def shortened(name: str, letters: int = 26) -> str:
    """``name``, its middle left out when it has more than ``letters`` letters: both ends of a file name tell something."""
    if len(name) <= letters:
        return name
    tail = (letters - 1) // 2
    return f"{name[: letters - 1 - tail]}…{name[-tail:]}"


def ticks(names: Sequence[str], groups: Sequence[str] | None, most: int) -> Ticks:
    """What to write along an axis of ``names``: at most ``most`` texts that do not overlap.

    Few names are all written. Otherwise the runs of equal ``groups`` are named at their middles, and where there are
    still too many, or no groups, every so-many-th is.
    """
    borders, runs = _runs(groups) if groups else ((), ())
    if len(names) <= most:
        return Ticks(tuple(map(float, range(len(names)))), tuple(shortened(name) for name in names), borders)
    written = [(middle, shortened(name or "no label")) for middle, name in runs] or [
        (float(row), shortened(name)) for row, name in enumerate(names)
    ]
    kept = _spaced(written, len(names) / most)
    return Ticks(tuple(place for place, _ in kept), tuple(text for _, text in kept), borders)


def _runs(groups: Sequence[str]) -> tuple[tuple[float, ...], tuple[tuple[float, str], ...]]:
    starts = [row for row in range(len(groups)) if row == 0 or groups[row] != groups[row - 1]]
    ends = [*starts[1:], len(groups)]
    middles = tuple(((start + end - 1) / 2, groups[start]) for start, end in zip(starts, ends, strict=True))
    return tuple(start - 0.5 for start in starts[1:]), middles


def _spaced(written: Sequence[tuple[float, str]], gap: float) -> list[tuple[float, str]]:
    kept: list[tuple[float, str]] = []
    for place, text in written:
        if not kept or place - kept[-1][0] >= gap:
            kept.append((place, text))
    return kept


def stamp_lines(stamp: str, letters: int) -> list[str]:
    """``stamp`` in lines of about ``letters`` letters; broken only where it has a dot."""
    lines = [""]
    for part in stamp.split(" · "):
        if lines[-1] and len(lines[-1]) + len(part) > letters:
            lines.append(part)
        else:
            lines[-1] = f"{lines[-1]} · {part}" if lines[-1] else part
    return lines


def provenance_line(provenance: Provenance | None) -> str:
    """One line that says what a figure's numbers are of; empty without provenance."""
    if provenance is None:
        return ""
    return (
        f"{provenance.encoder} · {provenance.clips} clips from {provenance.sources} sources · "
        f"fingerprint {provenance.fingerprint.rpartition('-')[2]} · Motionbook {provenance.version}"
    )
