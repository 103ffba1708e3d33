"""A whole clip: person, action, camera, light and place, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.drawing.camera import CLIMBING_VIEWPOINTS, EXERCISE_VIEWPOINTS, VIEWPOINTS, Camera, following
from core.drawing.climbing import WALL_M, climbing
from core.drawing.exercises import boxing, jumping_jacks, squatting, waving
from core.drawing.figure import body
from core.drawing.gait import JOGGING, RUNNING, WALKING, Gait, smooth, travel
from core.drawing.people import Person
from core.drawing.rasteriser import UP, Painter, Sprite
from core.drawing.scenes import LIGHTS, PX_PER_M, SCENES, Light, climbing_wall
from core.drawing.skeleton import Motion

Array = NDArray[np.float64]
Image = NDArray[np.float32]
Frame = NDArray[np.uint8]
Mover = Callable[[Person, int, float, float], Motion]

WIDTH_PX, HEIGHT_PX, FPS = 320, 240, 25
LAMP_AT_THE_WALL = np.array((-0.75, 0.35, 0.55))


def _gait(gait: Gait) -> Mover:
    return lambda person, frames, fps, start_phase: travel(gait, person, frames, fps, start_phase)


ACTIONS: dict[str, Mover] = {
    "walking": _gait(WALKING),
    "jogging": _gait(JOGGING),
    "running": _gait(RUNNING),
    "jumping jacks": jumping_jacks,
    "waving": waving,
    "squatting": squatting,
    "boxing": boxing,
    "climbing": climbing,
}
TRAVELLING = ("walking", "jogging", "running")


@dataclass(frozen=True, slots=True)
class Take:
    """What one clip shows, in names of the tables of this room; ``seed`` decides everything left open."""

    person: Person
    action: str
    viewpoint: str
    light: str
    scene: str
    seconds: float
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class _Plane:
    """A painted plane of the world; ``pixels`` continues over its borders."""

    pixels: Image
    origin: Array
    across: Array
    along: Array

    @property
    def normal(self) -> Array:
        return np.cross(self.across, self.along)


def _ramped(pixels: Image, light: Light, facing: float) -> Image:
    """``pixels`` (gamma encoded) under ``light``, in linear light."""
    linear: Image = (np.clip(pixels, 0, 1) ** 2 * (facing * light.key + 0.9 * light.sky)).astype(np.float32)
    return linear


def _planes(take: Take, camera: Camera, light: Light, rng: np.random.Generator) -> tuple[_Plane | None, _Plane]:
    """The ground (none when climbing) and the plane behind the person."""
    if take.action == "climbing":
        wall = _ramped(climbing_wall(rng), light, 0.55)
        return None, _Plane(wall, np.array((WALL_M, 0.0, -3.0)), np.array((0.0, -1.0, 0.0)), UP)
    scene = SCENES[take.scene]
    ground = _Plane(_ramped(scene.ground(rng), light, 0.7), np.zeros(3), np.array((1.0, 0, 0)), np.array((0, 1.0, 0)))
    away = camera.axes[0, 2] * np.array((1, 1, 0))
    away = away / np.linalg.norm(away)
    foot = camera.place[0] * np.array((1, 1, 0))
    distance_m = scene.back_m + 4.5
    back = _Plane(_ramped(scene.back(rng), light, 0.5), foot + distance_m * away, camera.axes[0, 0], UP)
    return ground, back


def _paint(plane: _Plane, camera: Camera, frame: int, rows: slice, into: Image) -> None:
    metres = camera.plane_to_picture(plane.origin, plane.across, plane.along, frame)
    shift = np.array(((1, 0, 0), (0, 1, -rows.start), (0, 0, 1)), dtype=np.float64)
    warp = shift @ metres @ np.diag((1 / PX_PER_M, 1 / PX_PER_M, 1))
    size = (camera.width_px, rows.stop - rows.start)
    if size[1] > 0:
        into[rows] = cv2.warpPerspective(plane.pixels, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


def _backdrop(planes: tuple[_Plane | None, _Plane], camera: Camera, frame: int) -> Image:
    """(H, W, 3) float32 linear: the place without the person."""
    picture = np.empty((camera.height_px, camera.width_px, 3), np.float32)
    ground, back = planes
    horizon = camera.height_px
    if ground is not None:
        foot = camera.seen(back.origin[None, :], frame)[0]
        horizon = int(np.clip(round(float(foot[1])), 0, camera.height_px))
        _paint(ground, camera, frame, slice(horizon, camera.height_px), picture)
    _paint(back, camera, frame, slice(0, horizon), picture)
    return picture


def _tripled(values: Image) -> Image:
    """(H, W) to (H, W, 3): OpenCV copies far faster than numpy broadcasts over a last axis of one."""
    return np.asarray(cv2.merge((values, values, values)))


def _compose(picture: Image, figure: Sprite | None) -> None:
    if figure is not None:
        height, width = figure.pixels.shape[:2]
        region = picture[figure.row : figure.row + height, figure.column : figure.column + width]
        *colour, alpha = cv2.split(figure.pixels)
        region *= _tripled(1 - alpha)
        region += cv2.merge(colour)


def _path(motion: Motion) -> Array:
    """(T, 3): where the person is, without the bouncing; the height stays at the start's unless he climbs."""
    pelvis = motion.joints["pelvis"]
    path = np.stack([smooth(pelvis[:, axis], 12.0) for axis in range(3)], axis=1)
    steps = np.arange(len(pelvis))
    for axis in range(2):  # a straight line: a smoothed path would drag at the ends of the clip
        path[:, axis] = np.polyval(np.polyfit(steps, pelvis[:, axis], 1), steps)
    return path


def _camera(take: Take, motion: Motion, rng: np.random.Generator) -> Camera:
    climbs = take.action == "climbing"
    path = _path(motion)
    steps = np.arange(len(path))
    if climbs:
        path[:, 2] = np.polyval(np.polyfit(steps, motion.joints["pelvis"][:, 2], 1), steps)
    else:
        path[:, 2] = 0.0
    shake = np.zeros_like(path)
    if climbs or take.action in TRAVELLING:  # a tripod for what stays on the spot
        shake = np.stack([smooth(rng.normal(0, 0.10, len(path)), 8.0) for _ in range(3)], axis=1)
    viewpoints = CLIMBING_VIEWPOINTS if climbs else VIEWPOINTS if take.action in TRAVELLING else EXERCISE_VIEWPOINTS
    viewpoint = viewpoints[take.viewpoint]
    return following(viewpoint, path, bool(take.seed % 2), WIDTH_PX, HEIGHT_PX, shake)


def _developed(picture: Image, grain: Image) -> Frame:
    """Linear light to the uint8 picture of a plain camera (gamma 2: a square root is cheap)."""
    shown = cv2.sqrt(np.maximum(picture, 0, out=picture))
    shown = cv2.scaleAdd(shown, 255, grain)
    return np.asarray(cv2.convertScaleAbs(np.maximum(shown, 0, out=shown)))  # rounds, and stops at 255


def shoot(take: Take) -> Iterator[Frame]:
    """The frames of ``take``: uint8 (HEIGHT_PX, WIDTH_PX, 3) RGB at FPS."""
    rng = np.random.default_rng(take.seed)
    frames = round(take.seconds * FPS)
    motion = ACTIONS[take.action](take.person, frames, FPS, float(rng.uniform(0, 1)))
    light, camera = LIGHTS[take.light], _camera(take, motion, rng)
    planes = _planes(take, camera, light, rng)
    painter = Painter(body(motion, take.person), motion.head, take.person, light)
    ground, back = planes
    floor = (back.origin, -back.normal) if ground is None else (ground.origin, UP)
    towards = LAMP_AT_THE_WALL if ground is None else light.towards
    grains = [_tripled(rng.normal(0, light.grain, (HEIGHT_PX, WIDTH_PX)).astype(np.float32)) for _ in range(6)]
    stage = _backdrop(planes, camera, 0)
    still = bool(np.ptp(camera.place, axis=0).max() == 0)
    for frame in range(frames):
        picture = stage.copy() if still else _backdrop(planes, camera, frame)
        picture *= _tripled(1 - light.shadow * painter.shadow(camera, frame, floor, towards))
        _compose(picture, painter.draw(camera, frame))
        yield _developed(picture, grains[frame % len(grains)])
