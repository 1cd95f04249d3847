"""Options of reading, with their units and bounds."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

_LOCATION = re.compile(r"[a-z][a-z0-9+]*://[^@]+")


class Renderer(StrEnum):
    """The renderer of screenshots.

    >>> ReadOptions(renderer="poppler").renderer
    <Renderer.POPPLER: 'poppler'>
    """

    PYMUPDF = "pymupdf"
    POPPLER = "poppler"


class OcrMode(StrEnum):
    """The pages whose words are read from their picture: those with an unsound text layer, all, or none.

    >>> ReadOptions(ocr="never").ocr
    <OcrMode.NEVER: 'never'>
    """

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Profile(StrEnum):
    """The effort of reading a page.

    `FAST` tells the regions of a page by its lines of text alone and reads no words in pictures beside a text layer.
    `BALANCED` looks at the picture of a page as well where it shows more than lines of text and rules, and reads the
    words in pictures. `THOROUGH` looks at the picture of every page. Pages without a text layer are read by OCR in all.

    >>> ReadOptions(profile="fast").profile
    <Profile.FAST: 'fast'>
    """

    FAST = "fast"
    BALANCED = "balanced"
    THOROUGH = "thorough"


class ReadOptions(BaseModel):
    """Options of reading, with the bounds that keep a bad file from filling memory or time.

    >>> ReadOptions().dpi
    144
    >>> ReadOptions(dpi=10)
    Traceback (most recent call last):
    pydantic_core._pydantic_core.ValidationError: ...
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: Profile = Field(Profile.BALANCED, description="how much time a page may take")
    renderer: Renderer = Field(Renderer.PYMUPDF, description="renderer of screenshots; poppler needs poppler-utils")
    dpi: int = Field(144, ge=36, le=600, description="screenshot resolution, pixels per inch")
    max_pixels: int = Field(
        4_000_000, ge=10_000, description="pixel budget of one screenshot; larger pages get a lower resolution"
    )
    webp_quality: int = Field(80, ge=1, le=100, description="quality of screenshots with many colors")
    ocr: OcrMode = Field(
        OcrMode.AUTO, description="whether words are read from the picture; auto: where the text layer is unsound"
    )
    ocr_side: int = Field(1400, ge=320, le=4000, description="longest side of the picture given to OCR, pixels")
    workers: int = Field(0, ge=0, description="reading processes; 0 means one for each processor, at most 8")
    worker_memory: int = Field(1_500, ge=300, description="memory bound of one reading process, MB")
    page_timeout: float = Field(40, gt=0, description="seconds of the processor after which a page is given up")
    convert_timeout: float = Field(50, gt=0, description="seconds after which converting one office file is given up")
    video_timeout: float = Field(
        1200, gt=0, description="seconds of the processor after which the rest of a video is not read (told)"
    )
    fetch_timeout: float = Field(60, gt=0, description="seconds after which fetching a page or file is given up")
    max_file_bytes: int = Field(500_000_000, ge=1, description="size that a file may have")
    max_members: int = Field(20_000, ge=1, description="files that a packed file (DOCX, EPUB, ZIP) may hold")
    max_unpacked_bytes: int = Field(1_000_000_000, ge=1, description="what a packed file may unpack to")
    max_cells: int = Field(200_000, ge=1, description="cells of one sheet that are read; the rows after them are not")
    max_pages: int = Field(5_000, ge=1, description="pages that a document may have")
    chunk_words: int = Field(220, ge=40, le=2000, description="size that a chunk is filled up to, words")


class PoolEngineOptions(BaseModel):
    """Files are read by processes of this machine (`ReadOptions.workers`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["pool"] = "pool"


class RayEngineOptions(BaseModel):
    """Files are read by the machines of a Ray cluster (`pip install "octavo[ray]"`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["ray"] = "ray"
    address: str = Field("", description="the cluster, such as 10.0.0.1:6379 or auto; empty: a Ray of this machine")
    in_flight: int = Field(2, ge=1, le=64, description="files that are under way for each processor of the cluster")
    memory: int = Field(1_000, ge=1, description="bytes of files and documents under way at a time, MB")
    retries: int = Field(5, ge=0, le=100, description="times that a file is read again after its worker was lost")
    gpus: float = Field(0, ge=0, description="GPUs, or the part of one, that a worker holds: for embedding in it")


EngineOptions = PoolEngineOptions | RayEngineOptions


class ImageOptions(BaseModel):
    """Options of where a library keeps its page screenshots: in its folder, or at a location that fsspec opens.

    A new library notes its own folder below `url`, so that several can share one; it is opened without `url` after
    that. Credentials are taken from the environment, as each store's package documents, or from `options`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    url: str = Field("", description="such as s3://bucket/prefix or file:///folder; empty: the library's folder")
    options: dict[str, Any] = Field({}, description="arguments of the file system, as JSON", repr=False)
    cache_bytes: int = Field(1 << 30, ge=0, description="bytes of screenshots that are kept on this machine; 0: none")

    @field_validator("url")
    @classmethod
    def _check(cls, url: str) -> str:
        if url and not _LOCATION.fullmatch(url):
            raise ValueError("it is a URL without credentials, such as s3://bucket/prefix")
        return url.rstrip("/")
