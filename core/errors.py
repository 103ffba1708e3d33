"""Every error that Motionbook raises on purpose.

    MotionbookError
    ├── BadClip (ValueError)               a media file was refused; ``reason`` is one of BAD_CLIP_REASONS
    ├── BadInput (ValueError)              a name, number or file that somebody gave is not usable
    │   ├── BadLabel                       a label or source text
    │   ├── BadSetting                     an environment variable or option
    │   ├── BadManifest                    a CSV manifest
    │   ├── BadQuery                       a query expression that cannot be read
    │   ├── BadEncoder                     somebody's own encoder: its TOML file or the network file beside it
    │   └── UnknownName (LookupError)      a well-formed name that nothing here has
    ├── NotEnoughData (ValueError)         the library holds too little to answer
    ├── EncoderError (RuntimeError)
    │   ├── WeightsMissing (FileNotFoundError)
    │   ├── WeightsDamaged (ValueError)
    │   ├── PackageMissing (ModuleNotFoundError)  an optional package that the encoder needs is not installed
    │   ├── NoActionHead (ValueError)      the encoder has no classifier to take action names from
    │   ├── FingerprintMismatch (ValueError)  vectors of unlike encoders met
    │   ├── BadEmbedding (ValueError)      a vector with no direction or with a non-finite number
    │   └── OutOfMemory (MemoryError)      not even one window fits
    ├── LibraryError (RuntimeError)
    │   ├── LibraryLocked (BlockingIOError)   another process holds the library; ``pid`` says which
    │   ├── LibraryDamaged                 the ledger itself cannot be read
    │   ├── SchemaTooNew                   written by a newer Motionbook
    │   └── StorageFailed (OSError)        the disk refused a write
    ├── DownloadFailed (ConnectionError)   a file could not be had over the network, or what came is not what was wanted
    ├── WorkerDied (RuntimeError)          the process that computes ended by itself
    └── Cancelled (RuntimeError)           somebody asked to stop

Messages have the form ``<name> (<value>) must be <rule>; <what to do>`` wherever a value was wrong.
``reason`` is stable: scripts may compare it, messages may change.
"""

from __future__ import annotations

BAD_CLIP_REASONS: dict[str, str] = {
    "not-a-video": "the content is not a media file",
    "no-video-stream": "the file has no video stream",
    "no-frames": "the video stream holds no frame that can be decoded",
    "damaged": "the file is damaged",
    "too-large": "the picture, the file or the number of streams is over the limit",
    "too-long": "the clip lasts longer than the limit",
    "unsupported-codec": "the video codec is not on the allow-list",
    "unsupported-container": "the container format is not on the allow-list",
    "decoder-died": "the decoder process ended while it read the file",
    "timed-out": "decoding took longer than the limit",
    "too-short": "the clip has too few frames to show an action",
    "unreadable": "the file cannot be opened",
}
"""The named reasons for which a media file is refused, each with its meaning."""


class MotionbookError(Exception):
    """Root of the tree. ``reason`` is a stable, hyphenated name for scripts."""

    reason: str = "error"


class BadClip(MotionbookError, ValueError):
    """A media file was refused for one of the named reasons.

    Raises ValueError itself when it is made with a reason outside ``BAD_CLIP_REASONS``.
    """

    def __init__(self, reason: str, message: str) -> None:
        if reason not in BAD_CLIP_REASONS:
            raise ValueError(f"reason ({reason!r}) must be one of {', '.join(BAD_CLIP_REASONS)}; add it there first")
        super().__init__(message)
        self.reason = reason


class BadInput(MotionbookError, ValueError):
    reason = "bad-input"


class BadLabel(BadInput):
    reason = "bad-label"


class BadSetting(BadInput):
    reason = "bad-setting"


class BadManifest(BadInput):
    reason = "bad-manifest"


class BadQuery(BadInput):
    reason = "bad-query"


class BadEncoder(BadInput):
    reason = "bad-encoder"


class UnknownName(BadInput, LookupError):
    reason = "unknown-name"


class NotEnoughData(MotionbookError, ValueError):
    reason = "not-enough-data"


class EncoderError(MotionbookError, RuntimeError):
    reason = "encoder-error"


class WeightsMissing(EncoderError, FileNotFoundError):
    reason = "weights-missing"


class WeightsDamaged(EncoderError, ValueError):
    reason = "weights-damaged"


class PackageMissing(EncoderError, ModuleNotFoundError):
    reason = "not-installed"


class NoActionHead(EncoderError, ValueError):
    reason = "no-action-head"


class FingerprintMismatch(EncoderError, ValueError):
    reason = "fingerprint-mismatch"


class BadEmbedding(EncoderError, ValueError):
    reason = "bad-embedding"


class OutOfMemory(EncoderError, MemoryError):
    reason = "out-of-memory"


class LibraryError(MotionbookError, RuntimeError):
    reason = "library-error"


class LibraryLocked(LibraryError, BlockingIOError):
    """Another process holds the library. ``pid`` is its process id, or None when it could not be read."""

    reason = "library-locked"

    def __init__(self, message: str, *, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid


class LibraryDamaged(LibraryError):
    reason = "library-damaged"


class SchemaTooNew(LibraryError):
    reason = "schema-too-new"


class StorageFailed(LibraryError, OSError):
    reason = "storage-failed"


class DownloadFailed(MotionbookError, ConnectionError):
    reason = "download-failed"


class WorkerDied(MotionbookError, RuntimeError):
    reason = "worker-died"


class Cancelled(MotionbookError, RuntimeError):
    reason = "cancelled"


def _by_reason() -> dict[str, type[MotionbookError]]:
    found: dict[str, type[MotionbookError]] = {}
    pending: list[type[MotionbookError]] = [MotionbookError]
    while pending:
        kind = pending.pop()
        if "reason" in vars(kind):  # BadClip has one for each object, and none of its own
            found[kind.reason] = kind
        pending.extend(kind.__subclasses__())
    return found


def from_reason(reason: str, message: str) -> MotionbookError:
    """The error that crossed a process boundary as (reason, message), made whole again."""
    if reason in BAD_CLIP_REASONS:
        return BadClip(reason, message)
    return (_by_reason().get(reason) or MotionbookError)(message)
