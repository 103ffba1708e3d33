"""Where the camera stands and how it sees: a pinhole that keeps the person in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A place for the camera, seen from the person.

    Args:
        azimuth_degrees: 0 looks into the face of a person who moves along +x, 90 stands at the left side.
        height_m: of the lens over the ground (over the pelvis' start when ``climbing``).
        distance_m: from the person, along the ground.
        aim_m: height of the point in the middle of the picture.
    """

    azimuth_degrees: float
    height_m: float
    distance_m: float
    aim_m: float


VIEWPOINTS: dict[str, Viewpoint] = {
    "side": Viewpoint(86, 1.15, 3.8, 0.93),
    "three-quarter": Viewpoint(54, 1.4, 3.8, 0.93),
    "front": Viewpoint(30, 1.35, 3.8, 0.93),
    "high": Viewpoint(70, 2.3, 3.8, 0.9),
}
"""For people who get along: they pass by, or come towards the camera."""

EXERCISE_VIEWPOINTS: dict[str, Viewpoint] = {
    "side": Viewpoint(62, 1.15, 4.6, 1.02),
    "three-quarter": Viewpoint(40, 1.45, 4.6, 1.02),
    "front": Viewpoint(6, 1.35, 4.6, 1.02),
    "high": Viewpoint(32, 2.6, 4.5, 0.98),
}
"""For what is done on the spot: from the pure side the arms would hide behind each other."""

CLIMBING_VIEWPOINTS: dict[str, Viewpoint] = {
    "side": Viewpoint(122, 0.2, 4.6, 0.15),
    "three-quarter": Viewpoint(146, -0.3, 4.6, 0.15),
    "front": Viewpoint(172, 0.2, 4.6, 0.15),
    "high": Viewpoint(150, 1.6, 4.6, 0.10),
}
"""The same names for the wall: the camera looks at the back, since the climber faces the wall."""

VERTICAL_FIELD_DEGREES = 33.0  # about a 60 mm lens on full frame: people are not distorted


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """One camera for T frames: ``place`` (T, 3) metres, ``axes`` (T, 3, 3) with rows right, down, forward."""

    place: Array
    axes: Array
    focal_px: float
    width_px: int
    height_px: int

    def seen(self, points: Array, frame: int) -> Array:
        """(N, 3) world points to (N, 3): column, row in pixels, and depth in metres."""
        local = (points - self.place[frame]) @ self.axes[frame].T
        depth = np.maximum(local[:, 2:], 0.05)
        flat = self.focal_px * local[:, :2] / depth + np.array((self.width_px / 2, self.height_px / 2))
        return np.concatenate([flat, depth], axis=1)

    def plane_to_picture(self, origin: Array, across: Array, along: Array, frame: int) -> Array:
        """(3, 3) homography from plane coordinates in metres to pixels, for the plane origin + a across + b along."""
        lens = np.array(((self.focal_px, 0, self.width_px / 2), (0, self.focal_px, self.height_px / 2), (0, 0, 1)))
        columns = np.stack([across, along, origin - self.place[frame]], axis=1)
        return np.asarray(lens @ (self.axes[frame] @ columns))


def looking(place: Array, target: Array) -> Array:
    """(T, 3, 3) axes of cameras at ``place`` (T, 3) that look at ``target`` (T, 3), upright."""
    forward = target - place
    forward = forward / np.linalg.norm(forward, axis=1, keepdims=True)
    right = np.cross(forward, np.array((0.0, 0.0, 1.0)))
    right = right / np.linalg.norm(right, axis=1, keepdims=True)
    return np.stack([right, np.cross(forward, right), forward], axis=1)


def following(viewpoint: Viewpoint, path: Array, mirrored: bool, width_px: int, height_px: int, shake: Array) -> Camera:
    """A camera that keeps its distance to ``path`` (T, 3), the person's smooth way; ``shake`` (T, 3) metres is the hand's."""
    azimuth = np.deg2rad(viewpoint.azimuth_degrees) * (-1 if mirrored else 1)
    offset = viewpoint.distance_m * np.array((np.cos(azimuth), np.sin(azimuth), 0))
    target = path + np.array((0, 0, viewpoint.aim_m)) + 0.5 * shake
    place = path + offset + np.array((0, 0, viewpoint.height_m)) + shake
    focal_px = height_px / 2 / np.tan(np.deg2rad(VERTICAL_FIELD_DEGREES) / 2)
    return Camera(place, looking(place, target), float(focal_px), width_px, height_px)
