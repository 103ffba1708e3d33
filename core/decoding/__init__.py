"""Video files in, pixels out. FFmpeg (through PyAV) is known here only, and it runs in a confined child process.

Importing this package imports neither PyAV nor FFmpeg.
"""

from core.decoding.decoder import Decoder
from core.decoding.formats import playable_in_browser, seekable

__all__ = ["Decoder", "playable_in_browser", "seekable"]
