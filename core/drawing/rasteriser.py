"""Capsules to shaded pixels, with a depth buffer, at twice the size for smooth edges."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.drawing.camera import Camera
from core.drawing.figure import MATERIALS, Capsule
from core.drawing.people import Person
from core.drawing.scenes import Light

Array = NDArray[np.float64]
Image = NDArray[np.float32]

FINER = 2  # samples per pixel and axis
HAIRLINE = np.array((-0.50, 0.0, 0.87))  # hair grows where the head faces this way
SEAM_PX = 1.6  # width, in fine pixels, of the blur that melts capsule into capsule
UP = np.array((0.0, 0.0, 1.0))
EYES = (44, 34, 30)


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A drawn figure: ``pixels`` (H, W, 4) float32, colour already times alpha, and alpha; its corner in the picture."""

    pixels: Image
    row: int
    column: int


@dataclass(slots=True, eq=False)
class _Buffers:
    """What is nearest at each fine pixel: metres away, camera-space normal, index of the material (255: nothing)."""

    depth: Image
    normal: Image
    material: NDArray[np.uint8]

    @classmethod
    def empty(cls, height: int, width: int) -> _Buffers:
        depth = np.full((height, width), np.inf, np.float32)
        return cls(depth, np.zeros((height, width, 3), np.float32), np.full((height, width), 255, np.uint8))


@dataclass(slots=True, eq=False)
class _Flat:
    """One capsule as the camera sees it: ends as (column, row, depth), radii in fine pixels and in metres."""

    start: Array
    end: Array
    radii_px: Array
    radii_m: Array
    material: int

    def box(self, height: int, width: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the pixels it may cover."""
        margin = float(self.radii_px.max()) + 1
        low = np.minimum(self.start[:2], self.end[:2]) - margin
        high = np.maximum(self.start[:2], self.end[:2]) + margin + 1
        return max(int(low[0]), 0), max(int(low[1]), 0), min(int(high[0]), width), min(int(high[1]), height)


def _between(start: float, end: float, share: Image) -> Image:
    return np.asarray(np.float32(start) + np.float32(end - start) * share, dtype=np.float32)


def _splat(buffers: _Buffers, flat: _Flat) -> None:
    """Draws one capsule where it is nearer than what is there."""
    left, top, right, bottom = flat.box(*buffers.depth.shape)
    if left >= right or top >= bottom:
        return
    x = np.arange(left, right, dtype=np.float32)[None, :] + np.float32(0.5 - flat.start[0])
    y = np.arange(top, bottom, dtype=np.float32)[:, None] + np.float32(0.5 - flat.start[1])
    dx, dy = np.float32(flat.end[0] - flat.start[0]), np.float32(flat.end[1] - flat.start[1])
    share: Image = np.clip((x * dx + y * dy) / np.float32(max(float(dx * dx + dy * dy), 1e-3)), 0, 1)
    radius = _between(flat.radii_px[0], flat.radii_px[1], share)
    nx, ny = (x - share * dx) / radius, (y - share * dy) / radius
    inside = nx * nx + ny * ny
    bulge = np.sqrt(np.maximum(1 - inside, 0))
    depth = _between(flat.start[2], flat.end[2], share) - _between(flat.radii_m[0], flat.radii_m[1], share) * bulge
    region = (slice(top, bottom), slice(left, right))
    nearer = (inside < 1) & (depth < buffers.depth[region])
    np.copyto(buffers.depth[region], depth, where=nearer)
    for axis, values in enumerate((nx, ny, -bulge)):
        np.copyto(buffers.normal[region][..., axis], values, where=nearer)
    buffers.material[region][nearer] = flat.material


def _shade(normals: Image, light: Light, axes: Array) -> Image:
    """(N, 3) light that falls on camera-space ``normals`` (N, 3): key, sky, the ground's reflection, and a soft rim."""
    directions = np.stack([axes @ light.towards, axes @ UP], axis=1).astype(np.float32)
    facing, above = (normals @ directions).T
    strengths = np.stack([np.maximum(facing * 0.85 + 0.15, 0), above * 0.5 + 0.5, 0.5 - above * 0.5], axis=1)
    strengths[:, 1] += 0.10 * (1 - np.clip(-normals[:, 2], 0, 1)) ** 3
    lamps = np.stack([light.key, light.sky, light.ground]).astype(np.float32)
    return np.asarray(strengths @ lamps)


class Painter:
    """Draws one person, made of ``capsules``, under one light.

    Args:
        head: (T, 3, 3) frames of the head, to know where hair grows.
    """

    def __init__(self, capsules: list[Capsule], head: Array, person: Person, light: Light) -> None:
        self._starts = np.stack([capsule.start for capsule in capsules], axis=1)
        self._ends = np.stack([capsule.end for capsule in capsules], axis=1)
        self._radii_m = np.array([(capsule.start_radius_m, capsule.end_radius_m) for capsule in capsules])
        self._materials = [capsule.material for capsule in capsules]
        self._head, self._light, self._bald = head, light, person.hair_style == "bald"
        skin = person.skin
        colours = (skin, skin, person.hair, person.top, person.bottom, person.shoes, EYES)
        self._palette: Image = np.square(np.array(colours, dtype=np.float32) / 255)  # linear light, gamma 2

    def draw(self, camera: Camera, frame: int) -> Sprite | None:
        """The figure at ``frame``; None when it is outside the picture."""
        starts, ends = camera.seen(self._starts[frame], frame), camera.seen(self._ends[frame], frame)
        radii = camera.focal_px * self._radii_m / np.stack([starts[:, 2], ends[:, 2]], axis=1)
        places = np.concatenate([starts, ends])[:, :2]
        low, high = places.min(axis=0) - radii.max() - 1, places.max(axis=0) + radii.max() + 1
        left, top = max(int(low[0]), 0), max(int(low[1]), 0)
        right, bottom = min(int(high[0]) + 1, camera.width_px), min(int(high[1]) + 1, camera.height_px)
        if left >= right or top >= bottom:
            return None
        buffers = _Buffers.empty((bottom - top) * FINER, (right - left) * FINER)
        scale, corner = np.array((FINER, FINER, 1.0)), np.array((left, top, 0.0))
        starts, ends = (starts - corner) * scale, (ends - corner) * scale
        for row in zip(starts, ends, radii * FINER, self._radii_m, self._materials, strict=True):
            _splat(buffers, _Flat(*row))
        small = self._coloured(buffers, camera.axes[frame], self._head[frame])
        return Sprite(small, top, left)

    def _coloured(self, buffers: _Buffers, axes: Array, head: Array) -> Image:
        """(H, W, 4) float32 at the picture's size: lit colour times alpha, and alpha."""
        height, width = buffers.material.shape
        covered = np.flatnonzero(buffers.material.ravel() < 255)
        sharp = buffers.normal.reshape(-1, 3).take(covered, axis=0)
        normals = cv2.GaussianBlur(buffers.normal, (0, 0), SEAM_PX).reshape(-1, 3).take(covered, axis=0)
        normals /= np.maximum(np.sqrt(np.einsum("ni,ni->n", normals, normals)), 1e-4)[:, None]
        colour = np.ones((len(covered), 4), np.float32)
        albedo = self._albedo(buffers.material.ravel().take(covered), sharp, axes @ head @ HAIRLINE)
        np.multiply(albedo, _shade(normals, self._light, axes), out=colour[:, :3])
        lit = np.zeros((height * width, 4), np.float32)
        lit[covered] = colour
        size = (width // FINER, height // FINER)
        return np.asarray(cv2.resize(lit.reshape(height, width, 4), size, interpolation=cv2.INTER_AREA))

    def _albedo(self, material: NDArray[np.uint8], normals: Image, cap: Array) -> Image:
        albedo = self._palette[material]
        if not self._bald:
            hairy = (material == MATERIALS.index("head")) & (normals @ cap.astype(np.float32) > 0.16)
            albedo[hairy] = self._palette[MATERIALS.index("hair")]
        return albedo

    def shadow(self, camera: Camera, frame: int, plane: tuple[Array, Array], towards: Array) -> Image:
        """(H, W) float32 0-1: the shadow on ``plane`` (a point and its normal) of a lamp in direction ``towards``."""
        point, normal = plane
        ends = np.concatenate([self._starts[frame], self._ends[frame]])
        fall_m = ((ends - point) @ normal / (towards @ normal))[:, None]
        spots = camera.seen(ends - fall_m * towards, frame)
        first, second = np.split(np.clip(spots, -4000, 4000), 2)  # beyond that OpenCV's fixed point overflows
        flatness = 0.55 if abs(normal[2]) > 0.5 else 1.0  # a shadow on the ground is seen at a slant
        widths = 2 * flatness * self._radii_m.mean(axis=1) * camera.focal_px / first[:, 2]
        mask = np.zeros((camera.height_px, camera.width_px), np.uint8)
        for start, end, width in zip(first, second, widths, strict=True):
            corners = [(round(float(place[0])), round(float(place[1]))) for place in (start, end)]
            cv2.line(mask, corners[0], corners[1], 255, max(round(float(width)), 1), cv2.LINE_AA)
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), 2.0) / np.float32(255), dtype=np.float32)
