"""What the OpenAI peer says, made from the request alone: stories, what a picture shows, vectors, verdicts, sounds."""

import base64
import colorsys
import hashlib
import io
import re
import wave
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

FLAGGED_WORDS = {"gun": "violence", "blood": "violence/graphic", "hate": "hate", "naked": "sexual"}
"""Words that moderation flags, with their category."""
FLAGGED_COLOUR = (255, 0, 255)
"""A picture that is mostly of this colour is flagged as violence."""
CATEGORIES = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent"),
    *("self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors"),
    *("violence", "violence/graphic"),
)
_SENTENCES = (
    "The sun came up and the day was new.", "A small friend sat by the door.", "They had a good plan for today.",
    "The wind was soft and warm.", "One little bird sang a song.", "They ran up the green hill.",
    "At the top they could see the sea.", "Then the rain came down.", "They hid under a big tree.",
    "It was fun to wait there.", "A red ball rolled by.", "Who had lost the ball?", "They took it and ran on.",
    "The path went over a bridge.", "A dog said hello to them.", "Now they were three good friends.",
    "They shared bread and milk.", "The sky was blue again.", "They jumped into the water with a splash.",
    "Everyone began to laugh.", "The day had gone so fast.", "They walked home hand in hand.",
    "The moon came out to look.", "It was time to sleep now.",
)  # fmt: skip
_PHRASES = ("the little red boat", "a long walk home", "one more song", "the big blue sky", "a friend for the day",
            "soup for everyone", "the lost ball", "a very small door")  # fmt: skip
_STORY_WORDS = 62
_ORDER = re.compile(
    r"(?:ignore|disregard|forget)\b[^.!:\n]{0,80}[.!:]\s*(?:and |instead,? )?(?:write|say|answer|reply|print)"
    r"(?: only| with| exactly)*:?\s*(.{1,300})",
    re.IGNORECASE,
)
_LISTED = re.compile(r"^\s*(?:[-*]\s*)?(?:scene |drawing |picture )?(\d{1,3})[.:)]\s", re.IGNORECASE | re.MULTILINE)
_INDEXED = re.compile(r'"(?:index|scene|number)"\s*:\s*(\d{1,3})')
_NO_AUDIO_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
"""A silent frame of MPEG 1 layer 3: 128 kbit/s, 44.1 kHz, 26 ms."""


@dataclass(frozen=True)
class Prompt:
    """What a model is asked: all text, all pictures as they came. An `order` is what it says everywhere, if any."""

    text: str
    pictures: tuple[bytes, ...] = ()
    order: str = ""

    @classmethod
    def of_responses(cls, said: dict[str, Any]) -> "Prompt":
        """The prompt of the Responses API."""
        texts, pictures = [said.get("instructions") or ""], []
        asked = said.get("input", "")
        for item in [{"content": asked}] if isinstance(asked, str) else asked:
            for part in _parts(item.get("content", "")):
                texts.append(part.get("text", ""))
                pictures += [_picture(part["image_url"])] if "image_url" in part else []
        return cls("\n".join(texts), tuple(pictures))

    @classmethod
    def of_chat(cls, said: dict[str, Any]) -> "Prompt":
        """The prompt of chat completions."""
        texts, pictures = [], []
        for message in said.get("messages", []):
            for part in _parts(message.get("content") or ""):
                texts.append(part.get("text", ""))
                pictures += [_picture(part["image_url"]["url"])] if "image_url" in part else []
        return cls("\n".join(texts), tuple(pictures))

    @cached_property
    def digest(self) -> str:
        """Names the request by its content."""
        digest = hashlib.sha256(self.text.encode("utf-8", "surrogatepass"))
        for picture in self.pictures:
            digest.update(picture)
        return digest.hexdigest()[:24]

    @property
    def hidden_order(self) -> str:
        """What an order hidden in the text demands to be written, if there is one."""
        found = _ORDER.search(self.text)
        return found[1].strip() if found else ""

    @property
    def count(self) -> int:
        """How many things the text lists by number; 0 where it lists none."""
        numbers = {int(number) for number in (*_LISTED.findall(self.text), *_INDEXED.findall(self.text))}
        least = min(numbers, default=0)
        return len(numbers) if numbers == set(range(least, least + len(numbers))) else 0

    def story(self) -> str:
        """A page of a story, 50 to 100 simple words."""
        chance = np.random.default_rng(int(self.digest, 16))
        told: list[str] = []
        for index in chance.permutation(len(_SENTENCES)):
            told.append(_SENTENCES[index])
            if sum(len(sentence.split()) for sentence in told) >= _STORY_WORDS:
                break
        return " ".join(told)

    def shown(self) -> str:
        """What the pictures show, by their colours and where they are: pictures of like colours are described alike."""
        return " ".join(described(picture) for picture in self.pictures)

    def phrase(self, path: Iterable[str]) -> str:
        """A few words for a place in the answer."""
        digest = hashlib.sha256(repr((self.digest, tuple(path))).encode()).digest()
        return _PHRASES[digest[0] % len(_PHRASES)]


def _parts(content: Any) -> list[dict[str, Any]]:
    return [{"text": content}] if isinstance(content, str) else list(content)


def _picture(address: str) -> bytes:
    return base64.b64decode(address.partition("base64,")[2])


@lru_cache(maxsize=4096)
def described(picture: bytes) -> str:
    """A sentence on the colours of a picture, the strongest first, and on its middle and upper part."""
    with Image.open(io.BytesIO(picture)) as opened:
        pixels = np.asarray(opened.convert("RGB").resize((12, 12)))
    names = [[_colour(pixel) for pixel in row] for row in pixels.tolist()]
    all_over = Counter(name for row in names for name in row).most_common(4)
    middle = Counter(name for row in names[4:8] for name in row[4:8]).most_common(1)[0][0]
    upper = Counter(name for row in names[:4] for name in row).most_common(1)[0][0]
    colours = ", ".join(f"{name} {'much ' if count > 40 else ''}" + name * (count > 20) for name, count in all_over)
    return f"A picture of {colours}; the middle is {middle}, above it is {upper}."


def _colour(pixel: list[int]) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*(value / 255 for value in pixel))
    if lightness > 0.9 or lightness < 0.12 or saturation < 0.15:
        return "white" if lightness > 0.75 else "black" if lightness < 0.3 else "grey"
    names = ("red", "orange", "yellow", "lime", "green", "teal", "cyan", "azure", "blue", "violet", "magenta", "rose")
    shade = "dark" if lightness < 0.35 else "pale" if lightness > 0.75 else ""
    return shade + names[round(hue * 12) % 12]


def embedding(text: str, dimensions: int) -> NDArray[np.float32]:
    """A vector of length 1 in which texts of like words are alike; little-endian float32."""
    total = np.zeros(dimensions)
    for word in re.findall(r"\w+", text.lower()) or [text]:
        total += _word_vector(word, dimensions)
    return (total / np.linalg.norm(total)).astype("<f4")


@lru_cache(maxsize=4096)
def _word_vector(word: str, dimensions: int) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimensions)


def moderation(asked: Any) -> list[dict[str, Any]]:
    """A verdict for each text, or one for all parts together. Raises ValueError."""
    if isinstance(asked, str):
        return [_verdict([asked], [])]
    if isinstance(asked, list) and asked and all(isinstance(one, str) for one in asked):
        return [_verdict([one], []) for one in asked]
    if not isinstance(asked, list) or not asked:
        raise ValueError("'$.input' is invalid. Please check the API reference.")
    texts = [part["text"] for part in asked if part.get("type") == "text"]
    pictures = [_picture(part["image_url"]["url"]) for part in asked if part.get("type") == "image_url"]
    if len(pictures) > 1:
        raise ValueError("Too many images: at most one image is supported.")
    return [_verdict(texts, pictures)]


def _verdict(texts: list[str], pictures: list[bytes]) -> dict[str, Any]:
    words = set(re.findall(r"\w+", " ".join(texts).lower()))
    found = {category: "text" for word, category in FLAGGED_WORDS.items() if word in words}
    if any(_is_flagged(picture) for picture in pictures):
        found["violence"] = "image"
    kinds = ["text"] * bool(texts) + ["image"] * bool(pictures)
    return {
        "flagged": bool(found),
        "categories": {category: category in found for category in CATEGORIES},
        "category_scores": {category: 0.97 if category in found else 0.0001 for category in CATEGORIES},
        "category_applied_input_types": dict.fromkeys(CATEGORIES, kinds),
    }


def _is_flagged(picture: bytes) -> bool:
    with Image.open(io.BytesIO(picture)) as opened:
        pixels = np.asarray(opened.convert("RGB").resize((8, 8)), dtype=int)
    return bool((np.abs(pixels - FLAGGED_COLOUR).max(axis=-1) < 40).mean() > 0.5)


def edited(picture: bytes, prompt: str) -> bytes:
    """The picture rendered anew, as PNG: its colours few and shifted as the prompt decides. Raises OSError."""
    with Image.open(io.BytesIO(picture)) as opened:
        shift = hashlib.sha256(prompt.encode()).digest()[0] // 16
        pixels = np.asarray(ImageOps.posterize(opened.convert("RGB"), 3), dtype=int) + shift
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def speech(text: str, kind: str) -> tuple[bytes, str]:
    """A sound as long as the text would take to say, and its media type: silence as MP3, a tone as WAV."""
    seconds = max(0.2, len(text.split()) / 2.5)
    if kind != "wav":
        return _NO_AUDIO_FRAME * round(seconds * 44100 / 1152), "audio/mpeg"
    times = np.arange(round(seconds * 8000)) / 8000
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes((np.sin(times * 2 * np.pi * 220) * 8000).astype("<i2").tobytes())
    return file.getvalue(), "audio/wav"
