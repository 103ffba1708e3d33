"""The table in docs/encoders.md, out of the registry: ``python -m tests.encoder_table`` writes it anew."""

from __future__ import annotations

from pathlib import Path

from core import encoders
from core.encoders import EncoderSpec

PAGE = Path(__file__).resolve().parents[1] / "docs" / "encoders.md"
HEADER = "| name | title | stream | T in a window | px | D | top-1 | weights from |\n|---|---|---|---|---|---|---|---|"


def table() -> str:
    return "\n".join([HEADER, *(_row(encoders.spec(name)) for name in encoders.names())])


def _row(spec: EncoderSpec) -> str:
    moments = f"{spec.frames} in {spec.sampling.window_seconds:.3g} s"
    top1 = "" if spec.top1 is None else f"{spec.top1:.1f}"
    cells = (f"`{spec.name}`", spec.title, spec.stream, moments, spec.framing.crop_px, spec.dimension, top1, _weights(spec))
    return f"| {' | '.join(map(str, cells))} |"


def _weights(spec: EncoderSpec) -> str:
    source = spec.weights
    if spec.parts:
        return f"its parts {', '.join(f'`{part}`' for part in spec.parts)}"
    if source is None:
        return "none needed"
    if source.kind == "url":
        return source.url.split("/")[2]
    return f"{'source package' if source.kind == 'package' else 'wheel'} {source.package} {source.version}"


def main() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(HEADER.splitlines()[0])
    after = rest.partition("\n\n")[2]
    PAGE.write_text(f"{before}{table()}\n\n{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
