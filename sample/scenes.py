"""The ten scenes of the sample book, in the order of its story."""

import zlib

import numpy as np

from figures import (
    balloon,
    cloud,
    dragon,
    eye,
    face,
    flower,
    fox,
    fox_head,
    grass,
    owl,
    robot,
    scarf,
    sheep,
    star,
    sun,
    writing,
)
from shapes import (
    Part,
    Parts,
    Scene,
    blob,
    by_hand,
    curve,
    each,
    finished,
    line,
    lit,
    oval,
    pairs,
    place,
    poly,
    warp,
)


def scenes() -> tuple[Scene, ...]:
    """All scenes, each bent by its own hand."""
    return (
        _scene("fox-pip", 100, 132, ("sky blue", "cream"), _fox_pip()),
        _scene("house-smoke", 140, 104, ("sky blue", "cream"), _house()),
        _scene("robot-flower", 104, 140, ("sky blue", "peach"), _robot_flower()),
        _scene("dragon-kite", 140, 104, ("blue", "sky blue"), _dragon_kite()),
        _scene("whale-boat", 140, 100, ("sky blue", "peach"), _whale_boat()),
        _scene("snail-castle", 132, 104, ("pink", "cream"), _snail_castle()),
        _scene("owl-tree", 116, 120, ("midnight", "purple"), _owl_tree()),
        _scene("rocket-moon", 100, 140, ("midnight", "blue"), _rocket_moon()),
        _scene("rainbow-sheep", 140, 92, ("sky blue", "cream"), _rainbow_sheep()),
        _scene("party-cake", 124, 116, ("cream", "peach"), _party_cake()),
    )


def _scene(name: str, width: float, height: float, sky: tuple[str, str], parts: Parts) -> Scene:
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return Scene(name, width, height, sky, warp(parts, rng))


def _ground(pigment: str, trace: str) -> Parts:
    """Land below the trace: a line and some scribble for the child, all filled when finished."""
    tops = pairs(trace)
    below = pairs("175,190 70,230 -35,190")
    filled = blob(pigment, [(-30, tops[0][1]), *tops, (170, tops[-1][1]), *below])
    low = [(x, y + 9 + (at % 2) * 4) for at, (x, y) in enumerate(tops[::-1])]
    strip = poly(pigment, [*((x, y + 1) for x, y in tops), *low], density=0.55, edge="none")
    return (*finished(filled), *by_hand(strip, curve(pigment, 1.3, tops)))


def _hills(pigment: str, trace: str) -> Parts:
    """Far hills that only the renderings have."""
    tops = pairs(trace)
    ends = [(180.0, tops[-1][1] + 9), (180.0, 200.0), (-40.0, 200.0), (-40.0, tops[0][1] + 9)]
    return finished(blob(pigment, [*tops, *ends]))


def _patch(pigment: str, trace: str, density: float) -> Parts:
    """A bare scribble, as children fill a sky."""
    return by_hand(poly(pigment, trace, density=density, edge="none"))


def _fox_pip() -> Parts:
    return (
        *sun(6, 6, 13),
        *cloud(74, 16, 13),
        *_hills("lime", "10,84 45,94 80,82 120,92"),
        *_ground("green", "-4,113 25,110 60,114 104,111"),
        *place(fox(), 43, 119, 1.55),
        *flower(11, 123, 25, "red"),
        *flower(90, 124, 21, "purple"),
        *grass("24,124 62,126 72,122"),
        *writing("PIP", 70, 28, 10, "blue"),
    )


def _house() -> Parts:
    window = (
        *lit(poly("sky blue", "0,13 0,0 11,0 11,13", edge="brown", density=0.45)),
        line("brown", 1.0, "5.5,0 5.5,13"),
        line("brown", 1.0, "0,6.5 11,6"),
    )
    path = "69,86 79.5,86 82,93 87,104 88,118 56,118 60,104 66,94"
    return (
        *sun(134, 5, 13),
        *cloud(36, 14, 11),
        *_hills("lime", "20,66 60,76 110,64 140,72"),
        *_ground("green", "-4,84 40,86 90,83 144,86"),
        line("brown", 4.4, "24,85 24.5,58"),
        blob("green", "12,56 7,46 14,36 24,31 35,37 40,48 33,58 22,61", edge="dark green"),
        *each("16,48 25,40 32,50 22,54 33,41", oval("red", 0, 0, 2, 2.1)),
        curve("grey", 1.8, "78,18 75,14 80,10 87,12 86,6 93,3 98,7"),
        poly("brown", "74,36 74.5,20 82,20.5 82,42", edge="black"),
        poly("yellow", "52,87 51,48 98,47 99,86", edge="brown", density=0.9),
        poly("red", "46,49 74,23 104,48", edge="brown"),
        poly("brown", "68,87 68.5,65 80,64.5 80.5,86", edge="black"),
        oval("yellow", 78, 76, 1, 1),
        *place(window, 54, 57),
        *place(window, 84.5, 57),
        *place(fox_head(), 60, 71, 0.46),
        *lit(oval("sky blue", 74, 38, 4, 4, edge="brown", density=0.5)),
        *finished(poly("cream", path)),
        *by_hand(curve("brown", 1.1, "69,88 67,95 61,102"), curve("brown", 1.1, "80,88 85,95 87,102")),
        *flower(110, 96, 17, "purple"),
        *flower(120, 99, 20, "red"),
        *flower(131, 96, 16, "pink"),
        *grass("8,96 20,99 38,95 46,100"),
    )


def _robot_flower() -> Parts:
    turns = np.arange(8) * np.pi / 4
    petals = np.stack([74 + 13 * np.cos(turns), 56 + 13 * np.sin(turns)], axis=1).tolist()
    return (
        *cloud(28, 14, 13),
        *cloud(80, 20, 11),
        *_hills("lime", "20,95 60,104 95,92 120,100"),
        *_ground("green", "-4,118 30,121 70,118 108,121"),
        *place(robot(), 27, 123, 1.05),
        curve("red", 1.4, "45.5,79 40,79 40,88 45,88"),
        poly("red", "45,77 57,77 57,90 45,90", edge="brown"),
        line("red", 2.0, "57,87 66,79"),
        line("red", 1.5, "64,77 68.5,81"),
        curve("dark green", 2.2, "80,122 76,100 80,85 75,68"),
        blob("dark green", "79,101 88,90 98,91 92,100"),
        blob("dark green", "77,108 67,102 62,108 68,113"),
        *each(petals[::2], oval("red", 0, 0, 6.5, 6.5)),
        *each(petals[1::2], oval("pink", 0, 0, 6.5, 6.5)),
        oval("yellow", 74, 56, 10, 10, edge="orange"),
        *face(74, 55, 6.2),
        *each("67,86 72,84 70,93 74,91 71,100 75,99", line("blue", 1.1, "0,0 1,3.5")),
        *grass("6,133 50,134 64,130"),
        *flower(96, 134, 13, "purple"),
    )


def _dragon_kite() -> Parts:
    bow = poly("purple", "-3,-2 3,2 3,-2 -3,2")
    return (
        *sun(6, 5, 12),
        *cloud(48, 14, 12),
        *cloud(129, 40, 9),
        *_hills("lime", "15,62 55,76 95,64 140,78"),
        *_ground("green", "-4,88 45,85 95,89 144,86"),
        *place(dragon(), 45, 92, 1.12),
        curve("black", 0.7, "70,68 80,58 84,42 97,20"),
        line("green", 2.4, "59,67 65,71 70,68"),
        curve("red", 1.0, "96,33 91,39 97,44 92,50 97,55"),
        *each("93,38 95,45 94,52", bow),
        poly("red", "101,4 114,18 96,33 86,15", edge="blue"),
        poly("yellow", "101,4 114,18 99.5,17", edge="blue"),
        poly("yellow", "96,33 86,15 99.5,17", edge="blue"),
        *place(fox(), 109, 97, 0.76),
        *flower(88, 98, 14, "pink"),
        *flower(135, 99, 12, "red"),
        *grass("6,98 20,101 66,99 76,101"),
    )


def _whale_boat() -> Parts:
    far_sea = "-30,58 40,56 90,58 180,56 180,190 -30,190"
    near_sea = "-30,79 0,75 30,78 60,75 95,80 130,77 180,79 180,190 -30,190"
    wave = curve("blue", 1.2, "0,-1.6 5,1.6 10,-1.6 15,1.6 20,-1.6 25,1.6 30,-1.6")
    foam = curve("white", 0.9, "0,-1 4,1 8,-1 12,1 16,-1")
    body = "76,66 82,48 98,43 115,50 128,60 133,66 122,80 100,85 82,80"
    return (
        *sun(133, 6, 12),
        *cloud(84, 14, 11),
        *finished(blob("sky blue", far_sea)),
        curve("sky blue", 1.7, "100,42 99,32 92,29 88,36"),
        curve("sky blue", 1.7, "101,42 102,30 109,28 112,35"),
        poly("blue", "124,62 134,46 137,55 139.5,50 133,68", edge="purple"),
        blob("blue", body, edge="purple"),
        blob("white", "78,73 92,77 112,78 104,84 88,83", edge="purple", density=0),
        oval("white", 86.5, 58.5, 3.4, 3.5, edge="black", density=0),
        *eye(86, 59, 1.6),
        curve("black", 1.0, "77.5,68 84,71.5 92,69 95,65"),
        oval("pink", 95, 61.5, 2.4, 1.7),
        blob("blue", "104,70 112,72 117,82 108,80", edge="purple"),
        line("brown", 1.8, "38,66 37,17"),
        poly("red", "39.5,20 64,50 39.5,54", edge="brown"),
        poly("yellow", "35.5,24 14,51 36,54", edge="brown"),
        poly("purple", "37,17 37,9 47,13"),
        *place(scarf(), 24.5, 61, 0.75),
        *place(fox_head(), 24.5, 61.5, 0.72),
        poly("brown", "8,62 65,61 57,78 18,79", edge="black"),
        *each("24,69 36,69 48,69", oval("yellow", 0, 0, 2.3, 2.3, edge="black")),
        *finished(blob("blue", near_sea)),
        *_patch("blue", "0,84 60,80 140,86 140,99 60,97 0,99", 0.4),
        *by_hand(*each("-14,64 4,81 48,78 28,89 -2,96 62,94 108,90", wave)),
        *finished(*each("10,84 46,82 78,86 28,91 2,97 66,95 122,84", foam)),
        blob("orange", "104,93 112,88.5 119,93 125,89 125,97 119,94 112,97.5", edge="red"),
        *eye(109, 92.5, 0.8),
    )


def _tower(x: float, top: float, width: float) -> Parts:
    """A tower with battlements, a window and a flag; its foot is hidden."""
    wall = "0,32 0,-3 2,-3 2,0 4,0 4,-3 6,-3 6,0 8,0 8,-3 10,-3 10,32"
    parts = (
        line("brown", 1.0, "5,0 5,-14"),
        poly("red", "5,-14.5 14,-11 5,-8"),
        poly("grey", [(a * width / 10, b) for a, b in pairs(wall)], edge="black", density=0.7),
        *lit(oval("yellow", width / 2, 8, 1.8, 2.6, edge="black")),
    )
    return place(parts, x, top)


def _snail_castle() -> Parts:
    turns = np.linspace(0.3, 15.5, 60)
    spiral = [66, 62] + np.stack([-1.45 * np.cos(turns), 1.3 * np.sin(turns)], 1) * turns[:, None]
    body = "20,92 42,84 80,86 96,80 101,66 108,58 118,62 120,74 112,89 96,95 40,96"
    return (
        *cloud(24, 18, 12),
        *_hills("lime", "20,72 70,86 110,70 140,82"),
        *_ground("green", "-4,92 40,94 90,91 136,94"),
        *_tower(43, 27, 13),
        *_tower(77, 29, 12),
        *_tower(58, 20, 17),
        blob("yellow", body, edge="orange"),
        line("yellow", 1.7, "107,60 104,46"),
        line("yellow", 1.7, "114,59 118,46"),
        *each("104,45 118.4,45", oval("orange", 0, 0, 2.3, 2.3)),
        *face(111.5, 70, 5.6),
        oval("pink", 66, 63, 26, 23.5, edge="purple"),
        curve("purple", 1.7, spiral.tolist()),
        *place(fox_head(), 91, 47, 0.52),
        *flower(9, 99, 19, "blue"),
        *flower(127, 101, 15, "red"),
        *grass("24,101 44,103 70,101 98,103"),
    )


def _owl_tree() -> Parts:
    trunk = "14,110 20,74 17,44 29,44 31,70 84,67 94,60 96,65 86,75 33,80 38,110"
    crown = "2,48 -2,30 10,18 28,16 46,20 52,34 44,46 24,52"
    return (
        *_patch("blue", "3,3 60,4 112,3 112,10 70,15 30,8 3,13", 0.6),
        *_patch("purple", "88,40 113,38 113,60 90,56", 0.5),
        *lit(oval("yellow", 95, 23, 12, 12, edge="orange")),
        *face(95, 22, 6.5),
        *star(52, 9, 4),
        *star(74, 12, 3),
        *star(108, 47, 3.4),
        *star(14, 9, 3.6),
        *star(104, 72, 2.8),
        *_hills("blue", "20,92 60,98 100,88 130,94"),
        *_ground("dark green", "-4,105 40,107 80,104 120,107"),
        blob("dark green", crown, edge="green"),
        poly("brown", trunk, edge="black"),
        *each("23,62 28,64", curve("black", 0.7, "0,0 1,22 -1,40")),
        oval("black", 25, 57, 3, 4.4),
        *place(owl(), 59, 68, 1.05),
        *each("92,59 90,73 40,79", blob("green", "0,0 6,-4 10,0 5,3")),
        *place(fox(), 68, 114, 0.58),
        *grass("88,114 100,112 110,115 6,114"),
    )


def _rocket() -> Parts:
    return (
        *lit(
            poly("red", "-8,26 -12,38 -6,35 -1,48 3,36 9,41 8,26"),
            poly("yellow", "-5,26 -6,32 -2,31 0,38 3,31 6,33 5,26"),
        ),
        poly("green", "-12,8 -23,23 -22,31 -10,24", edge="black"),
        poly("green", "12,8 23,22 23,31 10,24", edge="black"),
        blob("white", "-9,26 -14,8 -12,-14 0,-38 12,-14 14,8 9,26", edge="black", density=0),
        blob("red", "-9.5,-20 -6,-28 0,-38 6,-28 9.5,-20 0,-18", edge="black"),
        poly("red", "-12,18 12,18 10,26 -10,26", edge="black"),
        oval("sky blue", 0, -4, 9, 9, edge="black", density=0.6),
        *place(fox_head(), 0, 2, 0.5),
        *each("-6,12.5 0,12.5 6,12.5", oval("yellow", 0, 0, 1.6, 1.6, edge="orange")),
    )


def _rocket_moon() -> Parts:
    moon = "80,5 67,13 65,29 75,40 89,41 97,36 86,33 79,24 82,12"
    return (
        *_patch("blue", "4,70 20,62 24,84 8,100", 0.5),
        *_patch("midnight", "60,48 96,52 95,70 72,76", 0.5),
        *_patch("purple", "44,3 58,4 60,22 46,16", 0.5),
        *lit(blob("yellow", moon, edge="orange")),
        *eye(73.5, 21, 1.4),
        curve("black", 0.9, "71.5,29 75,31.5 79,31"),
        *place(_rocket(), 41, 68, 1.12, turn=14),
        oval("orange", 82, 112, 9, 9, edge="red"),
        curve("purple", 1.8, "68,117 76,117 88,111 97,104"),
        *star(14, 14, 5),
        *star(34, 18, 3.6),
        *star(12, 46, 4),
        *star(88, 58, 4.4),
        *star(78, 82, 3.4),
        *star(60, 128, 4.4),
        *star(90, 132, 3.2),
        *star(12, 112, 3.4),
        *writing("PIP", 8, 124, 9, "red"),
    )


def _bow(pigment: str, reach: float) -> Part:
    turns = np.linspace(np.pi, 0, 14)
    ring = np.stack([72 + reach * 1.03 * np.cos(turns), 74 - reach * 1.1 * np.sin(turns)], axis=1)
    return curve(pigment, 4.2, ring.tolist())


def _hill(pigment: str, x: float, y: float, wide: float) -> Parts:
    """A round hill; the child leaves its foot open."""
    top = [(x + wide * a, y + b) for a, b in pairs("-1,22 -0.5,5 0,0 0.5,6 1,22")]
    filled = blob(pigment, [*top, (x + wide, 130), (x - wide, 130)])
    return (*finished(filled), *by_hand(blob(pigment, top, density=0.5)))


def _rainbow_sheep() -> Parts:
    bows = ("red", "orange", "yellow", "green", "blue", "purple")
    return (
        *sun(8, 8, 11),
        *(_bow(pigment, 55 - at * 4.6) for at, pigment in enumerate(bows)),
        *cloud(17, 54, 13),
        *cloud(127, 52, 13),
        *_hill("lime", 28, 64, 42),
        *_hill("green", 112, 62, 46),
        *_hill("lime", 70, 72, 50),
        *place(sheep(), 24, 80, 0.85),
        *place(sheep(), 116, 80, 1.0, flip=True),
        *place(sheep(), 58, 89, 0.9, flip=True),
        *place(fox(), 84, 90, 0.46),
        *flower(8, 90, 12, "red"),
        *flower(134, 90, 12, "pink"),
        *grass("38,90 98,88 122,90"),
    )


def _cake() -> Parts:
    flame = "0,-13.5 -1.7,-9.5 0,-7.5 1.7,-9.5"
    candles = zip(("red", "yellow", "blue", "green", "purple"), range(49, 80, 7), strict=True)
    dripping = "37,71 42,76 47,71.5 53,76 59,71.5 65,76 71,71.5 78,76 83,71.5 88,71"
    return (
        *(line(pigment, 1.8, f"{x},56 {x},49.5") for pigment, x in candles),
        *lit(*each("49,56 56,56 63,56 70,56 77,56", blob("yellow", flame, edge="orange"))),
        poly("pink", "44,70 44,56 81,56 81,70", edge="red"),
        poly("cream", "37,86 37,70 88,70 88,86", edge="red", density=0.5),
        curve("brown", 2.4, "44,57 48,61 52,57.5 57,62 62,57.5 67,62 72,57.5 77,61 81,57"),
        curve("red", 2.4, dripping),
        *each("43,81 52,81 62,81 72,81 82,81", oval("red", 0, 0, 1.7, 1.7)),
    )


def _party_cake() -> Parts:
    flags = ("red", "yellow", "blue", "green", "pink", "orange", "purple", "sky blue")
    drops = (4 + 7 * float(np.sin(np.pi * (at + 0.5) / 8)) for at in range(8))
    bunting = (
        place([poly(flag, "0,0 10,0.5 5,11")], 3 + 15 * at, drop)
        for at, (flag, drop) in enumerate(zip(flags, drops, strict=True))
    )
    return (
        *finished(blob("yellow", "-30,92 60,90 170,92 170,190 -30,190")),
        curve("brown", 0.9, "-2,3 20,8 60,11 100,8 126,3"),
        *(part for flag in bunting for part in flag),
        *balloon(12, 32, 9, "red", (18, 64)),
        *balloon(28, 26, 8, "blue", (19, 64)),
        *balloon(113, 34, 8.5, "purple", (107, 66)),
        *balloon(97, 27, 7.5, "green", (106, 66)),
        *place(owl(), 62, 41, 0.6),
        line("brown", 2.6, "34,94 33,112"),
        line("brown", 2.6, "92,94 93,112"),
        *place(_cake(), 12.5, 17, 0.8),
        poly("sky blue", "30,87 95,86 99,93 27,94", edge="blue", density=0.8),
        *place(dragon(), 20, 102, 0.66),
        *place(robot(), 107, 104, 0.64),
        *place(fox(), 62, 115, 0.62),
        *place(sheep(), 88, 114, 0.66),
        *writing("5", 84, 46, 9, "red"),
    )
