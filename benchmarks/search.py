"""How fast, how true and how large is a search, beside those of others? Everything in one run, in rounds that take turns.

    pip install -r requirements-benchmarks.txt
    python -m benchmarks.search [--sizes 10000 100000 1000000] [--rounds 5] [--cap 120] [--cap-chroma 900] [--json out.json]

Vectors are generated with the spectrum that was measured on the 560 windows of 209 real clips by ``i3d-rgb`` after the
library's mean was taken away, along its 256 strongest axes: 84 % of the variance between clips, 16 % within, 8 windows a
clip. Queries are other windows of clips that are there; and directions of pure noise, which resemble nothing, as an adversary.
Truth is exact search in
float64. Each size runs in a process of its own. A peer whose ingest would take longer than its cap (seconds) is left out,
with the rate it had. ``ratio`` is a peer's median time over ours of the same round: the median of the rounds, the least and
the greatest.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.clips import Floats
from core.scanning import Scan

DIMENSION, K, PER_CLIP, BATCH, QUERIES = 1024, 10, 8, 4_000, 20
# Share of the variance along the first, second, fourth ... principal axis: measured on real windows, as said above.
SPECTRUM = {1: 0.148, 2: 0.076, 4: 0.043, 8: 0.0255, 16: 0.0128, 32: 0.00586, 64: 0.00251, 128: 0.00084, 256: 0.00019}
WITHIN = 0.16


class Peer(Protocol):
    shares_rows: bool

    def add(self, rows: Floats, first: int) -> None: ...
    def finish(self) -> None: ...
    def find(self, query: Floats) -> np.ndarray: ...
    def find_chosen(self, query: Floats) -> np.ndarray | None:
        """Among one row in a hundred (row % 100 == 7); None where this is not offered."""


class Ours:
    shares_rows = True

    def __init__(self, rows: Floats, _: Path) -> None:
        self.rows, self.mask = rows, np.arange(len(rows)) % 100 == 7

    def add(self, rows: Floats, first: int) -> None:
        pass

    def finish(self) -> None:
        self.scan = Scan(self.rows)

    def find(self, query: Floats) -> np.ndarray:
        return self.scan.best(query, K)[0]

    def find_chosen(self, query: Floats) -> np.ndarray:
        return self.scan.best(query, K, self.mask)[0]


class Chroma:
    """Persistent, its own settings but for the cosine space: ``query()`` as anybody would call it."""

    shares_rows = False

    def __init__(self, _: Floats, folder: Path) -> None:
        from chromadb import PersistentClient
        from chromadb.config import Settings

        client = PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
        self.collection = client.create_collection(
            "windows", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )

    def add(self, rows: Floats, first: int) -> None:
        numbers = range(first, first + len(rows))
        chosen = [{"chosen": number % 100 == 7} for number in numbers]
        self.collection.add(ids=[str(number) for number in numbers], embeddings=rows, metadatas=chosen)

    def finish(self) -> None:
        pass

    def find(self, query: Floats, **where: Any) -> np.ndarray:
        found = self.collection.query(query_embeddings=query[np.newaxis], n_results=K, include=["distances"], **where)
        return np.array([int(name) for name in found["ids"][0]])

    def find_chosen(self, query: Floats) -> np.ndarray:
        return self.find(query, where={"chosen": True})


class FaissFlat:
    """Exact, on the rows themselves."""

    shares_rows = True

    def __init__(self, rows: Floats, _: Path) -> None:
        self.rows = rows

    def add(self, rows: Floats, first: int) -> None:
        pass

    def finish(self) -> None:
        pass

    def find(self, query: Floats) -> np.ndarray:
        import faiss

        return faiss.knn(query[np.newaxis], self.rows, K, metric=faiss.METRIC_INNER_PRODUCT)[1][0]

    def find_chosen(self, _: Floats) -> None:
        return None


class FaissOneBit:
    """RaBitQ, 200 candidates ranked again: the quickest of Faiss's scans that were tried."""

    shares_rows = True

    def __init__(self, rows: Floats, _: Path) -> None:
        import faiss

        faiss.omp_set_num_threads(1)  # one query cannot use more, and waiting for a second thread takes its time
        self.rows = rows
        self.index = faiss.IndexRaBitQ(DIMENSION, faiss.METRIC_INNER_PRODUCT)
        self.index.qb = 4
        self.index.train(rows[:20_000])
        self.selector = faiss.IDSelectorBitmap(np.packbits(np.arange(len(rows)) % 100 == 7, bitorder="little"))

    def add(self, rows: Floats, _: int) -> None:
        self.index.add(rows)

    def finish(self) -> None:
        pass

    def find(self, query: Floats, parameters: Any = None) -> np.ndarray:
        found = self.index.search(query[np.newaxis], 200, params=parameters)[1][0]
        found = found[found >= 0]
        return found[np.argsort(-np.einsum("nd,d->n", self.rows[found], query))[:K]]

    def find_chosen(self, query: Floats) -> np.ndarray:
        import faiss

        return self.find(query, faiss.RaBitQSearchParameters(sel=self.selector, qb=4))


class Hnswlib:
    """M 16, ef_construction 100, ef 100: what Chroma's graph has."""

    shares_rows = False

    def __init__(self, rows: Floats, _: Path) -> None:
        import hnswlib

        self.index = hnswlib.Index("ip", DIMENSION)
        self.index.init_index(len(rows), M=16, ef_construction=100)
        self.index.set_ef(100)

    def add(self, rows: Floats, first: int) -> None:
        self.index.add_items(rows, np.arange(first, first + len(rows)))

    def finish(self) -> None:
        pass

    def find(self, query: Floats) -> np.ndarray:
        return self.index.knn_query(query, K, num_threads=1)[0][0].astype(np.intp)

    def find_chosen(self, _: Floats) -> None:
        return None


class Usearch:
    """Its graph in bytes, its own settings."""

    shares_rows = False

    def __init__(self, _: Floats, __: Path) -> None:
        from usearch.index import Index

        self.index = Index(ndim=DIMENSION, metric="cos", dtype="i8")

    def add(self, rows: Floats, first: int) -> None:
        self.index.add(np.arange(first, first + len(rows)), rows)

    def finish(self) -> None:
        pass

    def find(self, query: Floats) -> np.ndarray:
        return self.index.search(query, K).keys.astype(np.intp)

    def find_chosen(self, _: Floats) -> None:
        return None


class Lance:
    """Without an index, as it recommends below some 100,000 rows: exact, from files."""

    shares_rows = False

    def __init__(self, _: Floats, folder: Path) -> None:
        import lancedb

        self.database, self.table = lancedb.connect(folder), None

    def add(self, rows: Floats, first: int) -> None:
        import pyarrow as pa

        numbers = np.arange(first, first + len(rows))
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), DIMENSION)
        part = pa.table({"number": numbers, "chosen": numbers % 100 == 7, "vector": vectors})
        if self.table is None:
            self.table = self.database.create_table("windows", part)
        else:
            self.table.add(part)

    def finish(self) -> None:
        pass

    def find(self, query: Floats, where: str = "") -> np.ndarray:
        search = self.table.search(query).distance_type("dot").select(["number", "_distance"]).limit(K)
        return (search.where(where) if where else search).to_arrow()["number"].to_numpy()

    def find_chosen(self, query: Floats) -> np.ndarray:
        return self.find(query, "chosen")


class Qdrant:
    """Its local mode, in memory: exact."""

    shares_rows = False

    def __init__(self, _: Floats, __: Path) -> None:
        from qdrant_client import QdrantClient, models

        self.models, self.client = models, QdrantClient(":memory:")
        self.client.create_collection(
            "windows", vectors_config=models.VectorParams(size=DIMENSION, distance=models.Distance.COSINE)
        )

    def add(self, rows: Floats, first: int) -> None:
        numbers = list(range(first, first + len(rows)))
        payloads = [{"chosen": number % 100 == 7} for number in numbers]
        self.client.upsert("windows", self.models.Batch(ids=numbers, vectors=rows.tolist(), payloads=payloads))

    def finish(self) -> None:
        pass

    def find(self, query: Floats, chosen: Any = None) -> np.ndarray:
        found = self.client.query_points("windows", query=query, limit=K, query_filter=chosen, with_payload=False)
        return np.array([point.id for point in found.points])

    def find_chosen(self, query: Floats) -> np.ndarray:
        models = self.models
        match = models.FieldCondition(key="chosen", match=models.MatchValue(value=True))
        return self.find(query, models.Filter(must=[match]))


PEERS: dict[str, Callable[[Floats, Path], Peer]] = {
    "Motionbook": Ours,
    "ChromaDB query()": Chroma,
    "FAISS flat": FaissFlat,
    "FAISS RaBitQ": FaissOneBit,
    "hnswlib": Hnswlib,
    "usearch int8": Usearch,
    "LanceDB flat": Lance,
    "Qdrant local": Qdrant,
}
OURS = "Motionbook"
AXES = 256  # 98 % of the real windows' variance lies along as many
MOST_PEER_ROWS = 200_000  # beyond, a second copy of the rows does not fit into the memory this was made for
KEEPS_NO_COPY = (OURS, "FAISS flat", "FAISS RaBitQ")


def axes(random: np.random.Generator) -> Floats:
    """(AXES, D) rows: principal axes, as long as the root of their variance."""
    numbers = np.arange(1, AXES + 1)
    variance = np.exp(np.interp(np.log(numbers), np.log(list(SPECTRUM)), np.log(list(SPECTRUM.values()))))
    turned, _ = np.linalg.qr(random.standard_normal((DIMENSION, AXES)))
    return (turned.T * np.sqrt(variance / variance.sum())[:, np.newaxis]).astype(np.float32)


def generated(count: int) -> tuple[Floats, Floats, Floats]:
    """Rows, queries that resemble some of them, queries of noise."""
    random = np.random.default_rng(7)
    directions, rows, queries = axes(random), np.empty((count, DIMENSION), np.float32), []
    for start in range(0, count, 40_000):
        part = rows[start : start + 40_000]
        clips = random.standard_normal((-(-len(part) // PER_CLIP), AXES), np.float32) * np.float32((1 - WITHIN) ** 0.5)
        windows = random.standard_normal((len(part), AXES), np.float32) * np.float32(WITHIN**0.5)
        part[:] = (clips.repeat(PER_CLIP, axis=0)[: len(part)] + windows) @ directions
        part /= np.linalg.norm(part, axis=1, keepdims=True)
        asked = clips[random.integers(0, len(clips), 12)]
        queries.append((asked + random.standard_normal(asked.shape, np.float32) * np.float32(WITHIN**0.5)) @ directions)
    real = random.permutation(np.concatenate(queries))
    noise = random.standard_normal((QUERIES, DIMENSION), np.float32)
    return rows, *(some / np.linalg.norm(some, axis=1, keepdims=True) for some in (real, noise))


def least_right(rows: Floats, queries: Floats, first: int = 0, step: int = 1) -> np.ndarray:
    """(Q,) of the K-th similarity by float64, among every ``step``-th row; whatever reaches it is right."""
    best, wanted = [], queries.T.astype(np.float64)
    for start in range(first, len(rows), 20_000):
        found = rows[start : start + 20_000 : step].astype(np.float64) @ wanted
        best.append(np.sort(found, axis=0)[-K:])
    return np.sort(np.concatenate(best), axis=0)[-K]


def recall(rows: Floats, query: Floats, least: float, found: np.ndarray) -> float:
    similarities = rows[np.unique(found)].astype(np.float64) @ query.astype(np.float64)
    return float((similarities >= least - 1e-7).sum()) / K


def resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def built(name: str, rows: Floats, folder: Path, cap_seconds: float) -> tuple[Peer | None, dict[str, Any]]:
    if len(rows) > MOST_PEER_ROWS and name not in KEEPS_NO_COPY:
        return None, {"skipped": "a copy of the rows would not fit beside them"}
    before, started = resident_bytes(), time.perf_counter()
    peer = PEERS[name](rows, folder)
    for first in range(0, len(rows), BATCH):
        peer.add(rows[first : first + BATCH], first)
        done, spent = min(first + BATCH, len(rows)), time.perf_counter() - started
        if spent / done * len(rows) > cap_seconds:
            return None, {"skipped": f"{done / spent:.0f} vectors/s, {len(rows)} would take more than {cap_seconds:.0f} s"}
    peer.finish()
    spent = time.perf_counter() - started
    held = resident_bytes() - before + (rows.nbytes if peer.shares_rows else 0)
    return peer, {"ingest_per_second": len(rows) / spent, "memory_bytes": held}


def timed(find: Callable[[Floats], Any], queries: Floats) -> tuple[list[float], list[Any]]:
    find(queries[0])
    spent, answers = [], []
    for query in queries:
        started = time.perf_counter()
        answers.append(find(query))
        spent.append(1e3 * (time.perf_counter() - started))
    return spent, answers


def measured(count: int, rounds: int, cap: float, cap_chroma: float, names: list[str]) -> Iterator[dict[str, Any]]:
    rows, real, noise = generated(count)
    real = np.resize(real, (rounds * QUERIES, DIMENSION))
    truth = {"real": least_right(rows, real), "noise": least_right(rows, noise)}
    truth["chosen"] = least_right(rows, real, 7, 100)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        peers: dict[str, Peer] = {}
        facts: dict[str, dict[str, Any]] = {}
        for name in names:
            peer, facts[name] = built(name, rows, Path(folder, name.split()[0]), cap_chroma if name.startswith("Chroma") else cap)
            print(f"{count} {name}: {facts[name]}", file=sys.stderr, flush=True)
            if peer is not None:
                peers[name] = peer
        times = {name: {"real": [], "chosen": [], "noise": []} for name in peers}
        hits = {name: {"real": [], "chosen": [], "noise": []} for name in peers}
        for turn in range(rounds):
            part = slice(turn * QUERIES, (turn + 1) * QUERIES)
            order = list(peers)[turn % len(peers) :] + list(peers)[: turn % len(peers)]
            for name in order:
                for kind, find, queries, least in (
                    ("real", peers[name].find, real[part], truth["real"][part]),
                    ("chosen", peers[name].find_chosen, real[part], truth["chosen"][part]),
                    ("noise", peers[name].find, noise[:5] if turn else noise, truth["noise"]),
                ):
                    spent, answers = timed(find, queries)
                    if answers[0] is not None:
                        times[name][kind].append(spent)
                        hits[name][kind] += [recall(rows, *one) for one in zip(queries, least, answers, strict=False)]
    for name in names:
        yield {"vectors": count, "peer": name, **facts[name], **(_summary(times, hits, name) if name in peers else {})}


def _summary(times: dict[str, Any], hits: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind, rounds in times[name].items():
        if rounds:
            every = np.concatenate(rounds)
            ratios = [np.median(mine) / np.median(ours) for mine, ours in zip(rounds, times[OURS][kind], strict=True)]
            found[kind] = {
                "p50_ms": float(np.median(every)), "p95_ms": float(np.percentile(every, 95)),
                "least_ms": float(every.min()), "recall": float(np.mean(hits[name][kind])),
                "ratio": [float(np.median(ratios)), float(min(ratios)), float(max(ratios))],
            }  # fmt: skip
    return found


def table(results: list[dict[str, Any]]) -> str:
    lines = [
        "| vectors | | p50 ms | p95 ms | least ms | ratio (rounds) | recall@10 "
        "| 1 % filter p50 ms | recall | noise p50 ms | recall | memory MB | ingest /s |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in results:
        if "skipped" in one:
            lines.append(f"| {one['vectors']:,} | {one['peer']} | left out: {one['skipped']} |" + " |" * 10)
            continue
        real, chosen, noise = one["real"], one.get("chosen"), one["noise"]
        ratio = "{:.1f} ({:.1f} to {:.1f})".format(*real["ratio"])
        filtered = f"{chosen['p50_ms']:.2f} | {chosen['recall']:.3f}" if chosen else "- | -"
        lines.append(
            f"| {one['vectors']:,} | {one['peer']} | {real['p50_ms']:.2f} | {real['p95_ms']:.2f} "
            f"| {real['least_ms']:.2f} | {ratio} | {real['recall']:.3f} | {filtered} "
            f"| {noise['p50_ms']:.2f} | {noise['recall']:.3f} "
            f"| {one['memory_bytes'] / 1e6:,.0f} | {one['ingest_per_second']:,.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cap", type=float, default=120.0)
    parser.add_argument("--cap-chroma", type=float, default=900.0)
    parser.add_argument("--peers", nargs="+", default=list(PEERS), choices=list(PEERS), help=f"{OURS} is always among them")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    names = [OURS, *(name for name in given.peers if name != OURS)]
    if given.child:
        found = list(measured(given.sizes[0], given.rounds, given.cap, given.cap_chroma, names))
        given.json.write_text(json.dumps(found))
        return
    results: list[dict[str, Any]] = []
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "found.json")
            command = [sys.executable, "-m", "benchmarks.search", "--child", "--sizes", str(size), "--rounds", str(given.rounds)]
            command += ["--cap", str(given.cap), "--cap-chroma", str(given.cap_chroma), "--peers", *names, "--json", str(out)]
            subprocess.run(command, check=True)
            results += json.loads(out.read_text())
        if given.json:
            given.json.write_text(json.dumps(results, indent=1))
        print(table(results), flush=True)


if __name__ == "__main__":
    main()
