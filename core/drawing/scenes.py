"""Lights, and places made of two painted planes: a ground and what stands behind it. All of it is chosen by eye."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


def _unit(*values: float) -> NDArray[np.float64]:
    vector = np.array(values, dtype=np.float64)
    return vector / np.linalg.norm(vector)


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """``towards`` points at the lamp; ``key``, ``sky`` and ``ground`` are linear RGB; ``grain`` is the sensor's noise, 0-255."""

    towards: NDArray[np.float64]
    key: NDArray[np.float64]
    sky: NDArray[np.float64]
    ground: NDArray[np.float64]
    shadow: float
    grain: float


# fmt: off
LIGHTS: dict[str, Light] = {
    "day": Light(
        _unit(0.35, 0.55, 0.9), key=np.array((0.78, 0.75, 0.70)), sky=np.array((0.42, 0.46, 0.52)),
        ground=np.array((0.20, 0.19, 0.17)), shadow=0.42, grain=2.5,
    ),
    "dusk": Light(
        _unit(0.75, 0.35, 0.45), key=np.array((0.72, 0.50, 0.30)), sky=np.array((0.22, 0.23, 0.32)),
        ground=np.array((0.12, 0.10, 0.10)), shadow=0.35, grain=5.0,
    ),
    "bright": Light(
        _unit(-0.45, 0.5, 1.0), key=np.array((1.12, 1.10, 1.04)), sky=np.array((0.50, 0.53, 0.56)),
        ground=np.array((0.30, 0.29, 0.27)), shadow=0.55, grain=1.8,
    ),
}
# fmt: on

PX_PER_M = 56.0
GROUND_TILE = 448  # px, 8 m
BACK_SIZE = (672, 896)  # px, 12 m high and 16 m wide


def noise(rng: np.random.Generator, shape: tuple[int, int], cell_px: tuple[int, int]) -> Image:
    """Smooth noise in [-1, 1] that continues over the borders, with features of ``cell_px`` (rows, columns)."""
    grid = rng.uniform(-1, 1, (max(shape[0] // cell_px[0], 1), max(shape[1] // cell_px[1], 1))).astype(np.float32)
    padded = np.pad(grid, 2, mode="wrap")
    scale = (shape[0] / grid.shape[0], shape[1] / grid.shape[1])
    large = cv2.resize(padded, None, fx=scale[1], fy=scale[0], interpolation=cv2.INTER_CUBIC)
    top, left = round(2 * scale[0]), round(2 * scale[1])
    return np.asarray(large[top : top + shape[0], left : left + shape[1]], dtype=np.float32)


def _tinted(colour: tuple[float, float, float], rough: Image) -> Image:
    return np.clip(np.array(colour, dtype=np.float32) / 255 * (1 + rough[..., None]), 0, 1)


def _ground(rng: np.random.Generator, colour: tuple[float, float, float], fine: float, coarse: float) -> Image:
    shape = (GROUND_TILE, GROUND_TILE)
    return _tinted(
        colour, fine * noise(rng, shape, (4, 4)) + 0.7 * fine * noise(rng, shape, (12, 12)) + coarse * noise(rng, shape, (64, 64))
    )


def _lines(image: Image, spacing_px: int, thickness_px: int, colour: tuple[float, float, float], strength: float) -> Image:
    """Stripes along the columns' direction (x, the way people walk)."""
    for row in range(0, len(image), spacing_px):
        image[row : row + thickness_px] += strength * (np.array(colour, dtype=np.float32) / 255 - image[row : row + thickness_px])
    return image


def _grass(rng: np.random.Generator) -> Image:
    return _ground(rng, (108, 134, 68), 0.26, 0.16)


def _asphalt(rng: np.random.Generator) -> Image:
    image = _lines(_ground(rng, (116, 116, 120), 0.12, 0.08), 224, 7, (228, 226, 214), 0.8)
    return _lines(image, 448, 3, (60, 60, 62), 0.5)


def _boards(rng: np.random.Generator) -> Image:
    grain = noise(rng, (GROUND_TILE, GROUND_TILE), (4, 56))
    plank = np.repeat(rng.uniform(-0.10, 0.10, GROUND_TILE // 14), 14).astype(np.float32)[:, None]
    image = _lines(_tinted((196, 150, 98), 0.10 * grain + plank), 14, 1, (110, 74, 44), 0.6)
    image[:, :6] = np.array((46, 96, 160), dtype=np.float32) / 255
    return _lines(image, 448, 6, (46, 96, 160), 0.9)


def _carpet(rng: np.random.Generator) -> Image:
    return _ground(rng, (126, 132, 142), 0.10, 0.06)


def _paving(rng: np.random.Generator) -> Image:
    image = _lines(_ground(rng, (172, 164, 150), 0.08, 0.09), 32, 2, (120, 112, 102), 0.6)
    for column in range(0, GROUND_TILE, 32):
        image[:, column : column + 2] *= 0.82
    return image


def _sky(rng: np.random.Generator) -> Image:
    height, width = BACK_SIZE
    ramp = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]  # row 0 is the ground line
    clouds = np.clip(noise(rng, BACK_SIZE, (48, 112)) * 0.5 + 0.1, 0, 1)[..., None]
    low, high = np.array((214, 226, 236), np.float32) / 255, np.array((128, 170, 216), np.float32) / 255
    sky = low + (high - low) * ramp
    return np.broadcast_to(sky + (0.96 - sky) * clouds, (height, width, 3)).copy()


def _trees(rng: np.random.Generator) -> Image:
    image = _sky(rng)
    rows = np.arange(BACK_SIZE[0], dtype=np.float32)[:, None]
    for reach_m, colour in ((4.6, (116, 142, 110)), (3.4, (70, 104, 60)), (1.3, (58, 88, 48))):
        edge = (
            PX_PER_M
            * reach_m
            * (1 + 0.28 * noise(rng, (1, BACK_SIZE[1]), (1, 112)) + 0.10 * noise(rng, (1, BACK_SIZE[1]), (1, 14)))
        )
        leaves = _tinted(colour, 0.28 * noise(rng, BACK_SIZE, (8, 8)) + 0.22 * noise(rng, BACK_SIZE, (28, 28)))
        np.copyto(image, leaves, where=(rows < edge)[..., None])
    for column in rng.integers(0, BACK_SIZE[1] - 16, 7):
        image[: int(PX_PER_M * 1.9), column : column + int(rng.integers(7, 14))] = np.array((74, 58, 44), np.float32) / 255
    return image


def _houses(rng: np.random.Generator) -> Image:
    image = _sky(rng)
    left = 0
    for share in (0.30, 0.42, 0.28):
        right = min(left + int(share * BACK_SIZE[1]) + 1, BACK_SIZE[1])
        roof = int(PX_PER_M * rng.uniform(5.5, 9.5))
        tone = rng.uniform(0.8, 1.1) * np.array(
            ((186, 160, 134), (150, 112, 96), (196, 192, 182))[int(rng.integers(3))], np.float32
        )
        image[:roof, left:right] = np.clip(tone / 255, 0, 1)
        for floor in range(int(PX_PER_M * 0.9), roof - 70, int(PX_PER_M * 2.7)):
            for column in range(left + 26, right - 50, 84):
                image[floor - 4 : floor + 84, column - 4 : column + 48] *= 0.72
                image[floor : floor + 80, column : column + 44] = (
                    np.array((92, 108, 122), np.float32) / 255 * rng.uniform(0.7, 1.25)
                )
        left = right
    return image * (1 + 0.05 * noise(rng, BACK_SIZE, (8, 8)))[..., None]


def _bricks(rng: np.random.Generator) -> Image:
    image = _tinted((158, 96, 76), 0.10 * noise(rng, BACK_SIZE, (6, 6)) + 0.10 * noise(rng, BACK_SIZE, (56, 56)))
    for course, row in enumerate(range(0, BACK_SIZE[0], 14)):
        image[row : row + 2] = np.array((170, 158, 146), np.float32) / 255
        for column in range(14 * (course % 2), BACK_SIZE[1], 28):
            image[row : row + 14, column : column + 2] = np.array((168, 156, 144), np.float32) / 255
    return image


def _hall(rng: np.random.Generator) -> Image:
    image = _tinted((214, 208, 196), 0.03 * noise(rng, BACK_SIZE, (56, 56)) + 0.02 * noise(rng, BACK_SIZE, (6, 6)))
    image[: int(1.25 * PX_PER_M)] = _tinted((110, 136, 150), 0.04 * noise(rng, BACK_SIZE, (20, 20)))[: int(1.25 * PX_PER_M)]
    for column in range(0, BACK_SIZE[1], 112):
        image[:, column : column + 3] *= 0.82
    image[int(3.2 * PX_PER_M) : int(4.6 * PX_PER_M), ::] = np.array((222, 230, 234), np.float32) / 255
    for column in range(0, BACK_SIZE[1], 64):
        image[int(3.2 * PX_PER_M) : int(4.6 * PX_PER_M), column : column + 5] = 0.42
    return image


def _studio(rng: np.random.Generator) -> Image:
    image = _tinted((206, 202, 194), 0.03 * noise(rng, BACK_SIZE, (112, 112)) + 0.02 * noise(rng, BACK_SIZE, (6, 6)))
    image[: int(0.14 * PX_PER_M)] = np.array((238, 236, 230), np.float32) / 255
    for column, tone in ((90, (150, 72, 62)), (430, (70, 104, 128)), (660, (188, 160, 92))):  # pictures on the wall
        image[int(1.3 * PX_PER_M) : int(2.4 * PX_PER_M), column : column + 96] = np.array((60, 52, 46), np.float32) / 255
        canvas = _tinted(tone, 0.25 * noise(rng, BACK_SIZE, (28, 28)))
        inside = (slice(int(1.38 * PX_PER_M), int(2.32 * PX_PER_M)), slice(column + 5, column + 91))
        image[inside] = canvas[inside]
    return image


@dataclass(frozen=True, slots=True)
class Scene:
    """Painters of the ground (GROUND_TILE square) and of what stands ``back_m`` behind the person (BACK_SIZE, row 0 lowest)."""

    ground: Callable[[np.random.Generator], Image]
    back: Callable[[np.random.Generator], Image]
    back_m: float


SCENES: dict[str, Scene] = {
    "park": Scene(_grass, _trees, 9.0),
    "street": Scene(_asphalt, _houses, 8.0),
    "hall": Scene(_boards, _hall, 5.0),
    "studio": Scene(_carpet, _studio, 4.0),
    "yard": Scene(_paving, _bricks, 4.5),
}


def climbing_wall(rng: np.random.Generator) -> Image:
    """(BACK_SIZE) panels with coloured holds."""
    tone = ((188, 176, 158), (150, 160, 172), (198, 188, 172), (168, 150, 132))[int(rng.integers(4))]
    image = _tinted(tone, 0.05 * noise(rng, BACK_SIZE, (6, 6)) + 0.09 * noise(rng, BACK_SIZE, (112, 112)))
    for row in range(0, BACK_SIZE[0], 112):
        image[row : row + 2] *= 0.7
    for column in range(0, BACK_SIZE[1], 112):
        image[:, column : column + 2] *= 0.7
    canvas = np.ascontiguousarray(image)
    colours = ((214, 70, 60), (60, 130, 200), (236, 190, 60), (80, 160, 90), (60, 60, 64))
    for _ in range(260):
        column, row = (int(rng.integers(12, limit - 12)) for limit in (BACK_SIZE[1], BACK_SIZE[0]))
        size = (int(rng.integers(3, 8)), int(rng.integers(3, 6)))
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(canvas, (column + 2, row - 3), size, angle, 0, 360, (0.25, 0.24, 0.22), -1, cv2.LINE_AA)
        tint = tuple(float(c) / 255 for c in colours[int(rng.integers(len(colours)))])
        cv2.ellipse(canvas, (column, row), size, angle, 0, 360, tint, -1, cv2.LINE_AA)
    return canvas
