"""A cell that asks whether two clips are alike through motion or scenery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.clips import Progress
from core.errors import BadInput
from core.explaining import Explainer
from core.surviving import TOLD
from core.workbench import Workbench


def scenery(
    bench: Workbench, question: Mapping[str, Any], report: Callable[[Progress], None], should_stop: Callable[[], bool]
) -> dict[str, Any]:
    """``question`` has two clips, ``a`` and ``b``, and may have an ``encoder``. Raises what ``Explainer.scenery`` raises."""
    ids = [question.get(name) for name in ("a", "b")]
    if not all(isinstance(one, str) and one for one in ids):
        raise BadInput(f"a and b ({str(ids)[:60]}) must be the ids of two clips; pin the question again")
    first, second = (str(one).removeprefix("clip:") for one in ids)
    encoder = bench.spec(str(question.get("encoder") or "") or None).name
    found = Explainer(bench).scenery(first, second, encoder, progress=report, should_stop=should_stop)
    rows = [{"name": "as filmed", "similarity": found.similarity, "survives": None}]
    rows += [{"name": TOLD[one.kind], "similarity": one.similarity, "survives": one.survives} for one in found.survivals]
    return {
        "sentence": found.sentence,
        "headline": {"value": found.similarity, "of": f"{found.a.name} and {found.b.name}"},
        "numbers": rows,
        "draw": {"form": "bars", "rows": [[row["name"], row["similarity"]] for row in rows], "measure": "similarity"},
        "films": [{"clip": clip.clip_id, "start": None, "end": None} for clip in (found.a, found.b)],
        "made_of": bench.provenance(encoder).as_dict(),
    }
