"""Models in this process, through transformers: loaded once, on the device that there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from octavo.ingest import MissingToolError, OctavoError

Choose = Callable[[Any, Any], Any]
"""Takes from the package `transformers`, by a model's configuration, the class that the model is loaded as."""


def load(
    model: str,
    device: str,
    dtype: str,
    prefix: str,
    choose: Choose,
    *,
    whole: bool = False,
    remote_code: bool = False,
) -> tuple[Any, Any]:
    """Returns a model of a folder or the hub, and its processor (of a model of texts: its tokenizer).

    `device` empty is a GPU where there is one; `prefix` begins the names of the settings for errors. Code that comes
    with the weights is run only with `remote_code`. Raises
    `MissingToolError` without the extra `transformers`, `OctavoError` where the model cannot be loaded, and, where all
    of it is needed (`whole`), where weights are missing, which would be random.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingToolError(
            'Models in this process need torch and transformers: run `pip install "octavo[transformers]"`.'
        ) from error
    where = device or ("cuda" if torch.cuda.is_available() else "cpu")
    consent = {"trust_remote_code": remote_code}
    try:
        kind = choose(transformers, transformers.AutoConfig.from_pretrained(model, **consent))
        processor = transformers.AutoProcessor.from_pretrained(model, **consent)
        with _quiet(transformers):
            loaded, report = kind.from_pretrained(
                model, dtype=getattr(torch, dtype), output_loading_info=True, **consent
            )
    except (OSError, ValueError, ImportError, AttributeError, KeyError) as error:
        if not remote_code and "trust_remote_code" in str(error):
            raise OctavoError(
                f"{model} runs code of its own that comes with its weights: read it, and allow it by "
                f"{prefix}REMOTE_CODE=true, or serve the model by vLLM."
            ) from error
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise OctavoError(
            f"{model} cannot be loaded in process ({reason}): check {prefix}MODEL, a folder or the name of a model of "
            "the hub."
        ) from error
    if whole and (missing := sorted(report["missing_keys"])):
        raise OctavoError(
            f"{model} lacks weights of a {type(loaded).__name__} ({missing[0]}), so it is a model for something else: "
            f"check {prefix}MODEL."
        )
    return loaded.to(where).eval(), processor


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """Holds back what transformers prints while it loads weights; `load` itself reports what is missing."""
    log = transformers.utils.logging
    level, shows_bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(level)
        if shows_bars:
            log.enable_progress_bar()


def to_device(inputs: Any, model: Any) -> dict[str, Any]:
    """Returns a processor's output on the model's device, numbers in its precision."""
    return {
        key: value.to(model.device, model.dtype) if value.is_floating_point() else value.to(model.device)
        for key, value in inputs.items()
    }


def tokenizer_of(processor: Any) -> Any:
    """Returns the tokenizer of a processor, which is one itself for a model of texts."""
    return getattr(processor, "tokenizer", processor)
