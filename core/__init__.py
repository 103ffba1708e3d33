"""Motionbook's core: decode clips, embed them, store the vectors, compare actions. Knows no screen."""

__version__ = "0.1.0"
