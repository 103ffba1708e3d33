"""The synthetic people: proportions, clothes and manner. All of them are invented; the values are chosen by eye."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]
"""RGB, 0-255, as it looks under white light."""


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person.

    Args:
        name: lower case; part of the file name and of the source.
        height_m: stature.
        build: girth of the limbs and the trunk against the average.
        tempo: cadence against the published average.
        vigour: size of the movements against the published average.
        handedness: +1 waves with the left hand, -1 with the right.
        sleeves, trousers: share of the limb that cloth covers, 0-1.
        hair_style: "short", "long", "tail" or "bald".
    """

    name: str
    height_m: float
    build: float
    tempo: float
    vigour: float
    handedness: int
    skin: Colour
    hair: Colour
    top: Colour
    bottom: Colour
    shoes: Colour
    sleeves: float = 0.5
    trousers: float = 1.0
    hair_style: str = "short"


# fmt: off
PEOPLE: tuple[Person, ...] = (
    Person(
        "anna", 1.66, 0.92, 1.03, 1.00, -1,
        skin=(224, 172, 140), hair=(92, 58, 34), top=(196, 62, 54), bottom=(44, 48, 66), shoes=(235, 235, 235),
        sleeves=0.45, trousers=1.0, hair_style="tail",
    ),
    Person(
        "ben", 1.83, 1.08, 0.96, 1.04, -1,
        skin=(206, 152, 118), hair=(46, 36, 30), top=(48, 96, 160), bottom=(120, 112, 98), shoes=(52, 52, 56),
        sleeves=0.5, trousers=0.45, hair_style="short",
    ),
    Person(
        "chloe", 1.71, 0.96, 1.00, 0.95, 1,
        skin=(128, 84, 58), hair=(24, 20, 20), top=(232, 190, 70), bottom=(58, 70, 110), shoes=(200, 70, 90),
        sleeves=0.0, trousers=1.0, hair_style="long",
    ),
    Person(
        "david", 1.77, 1.16, 0.94, 0.97, -1,
        skin=(232, 186, 158), hair=(150, 140, 130), top=(66, 122, 82), bottom=(40, 40, 44), shoes=(90, 66, 48),
        sleeves=1.0, trousers=1.0, hair_style="bald",
    ),
    Person(
        "emi", 1.60, 0.90, 1.06, 1.05, -1,
        skin=(236, 196, 160), hair=(20, 18, 22), top=(230, 230, 226), bottom=(150, 60, 90), shoes=(60, 90, 160),
        sleeves=1.0, trousers=0.9, hair_style="long",
    ),
    Person(
        "farid", 1.74, 1.00, 1.02, 1.06, 1,
        skin=(176, 122, 86), hair=(28, 22, 18), top=(84, 84, 92), bottom=(190, 60, 48), shoes=(30, 30, 30),
        sleeves=0.5, trousers=0.5, hair_style="short",
    ),
    Person(
        "grace", 1.69, 1.04, 0.98, 0.98, -1,
        skin=(92, 60, 44), hair=(18, 14, 14), top=(150, 90, 170), bottom=(70, 74, 80), shoes=(240, 200, 60),
        sleeves=0.4, trousers=1.0, hair_style="tail",
    ),
    Person(
        "hugo", 1.88, 0.98, 0.95, 1.02, -1,
        skin=(228, 180, 150), hair=(190, 150, 90), top=(226, 120, 50), bottom=(60, 80, 120), shoes=(245, 245, 245),
        sleeves=0.5, trousers=1.0, hair_style="short",
    ),
)
# fmt: on
