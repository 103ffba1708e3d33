"""What runs an own encoder's file: OpenVINO for ONNX and SavedModels, OpenVINO or torch for TorchScript and torch.export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.encoders import building, own, saved_model
from core.encoders.graph_engine import GraphEngine
from core.encoders.network import Engine, NetworkEncoder
from core.encoders.row import Making, Row

if TYPE_CHECKING:
    from core.encoders.prepared import Prepared


def make_engine(making: Making) -> Engine:
    """Raises BadEncoder when the file is not what its TOML says, PackageMissing for a SavedModel that needs TensorFlow."""
    options = dict(making.options)
    assert making.spec.weights is not None
    path, layout, output = Path(making.spec.weights.file_name), options["layout"], options["output"]
    fast = making.precision == "fast"
    if options["format"] == "onnx":
        return GraphEngine(making.spec, path, layout=layout, output=output, fast=fast)
    if options["format"] == "saved-model":
        return saved_model.engine(making.spec, path, layout=layout, output=output, fast=fast)

    def make() -> Prepared:
        from core.encoders.own_network import prepared

        return prepared(making.spec, path, layout=layout, output=output)

    return building.engine_of(making.spec, make, making.kept, making.sha256, making.device, making.precision)


def build(row: Row, kept: Path, device: str, precision: str) -> NetworkEncoder:
    """The encoder of somebody's own file; forms converted for this machine are kept in ``kept``.

    Raises BadEncoder, WeightsMissing, WeightsDamaged, PackageMissing.
    """
    sha256 = own.verified(row.spec)
    head = own.load_head(row) if row.head else None
    engine = make_engine(Making(row.spec, None, sha256, kept, device, precision, row.options))
    return NetworkEncoder(row.spec, engine, weights_sha256=sha256, head=head)
