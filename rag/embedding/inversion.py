"""Pictures as texts that a model with two towers takes for the same (textual inversion).

"Cross the Gap" (arXiv 2502.04263) finds that such models compare texts with pictures better than pictures with
pictures, for which they were not trained. A word that does not exist is fitted until the text with it is as near to the
picture as it gets; the text's vector is what is searched with, so that pictures are found from text to picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from octavo.ingest import OctavoError
from octavo.rag.embedding.base import Vectors, unit

STEPS = 150
"""Steps of Adam."""
_RATE = 0.02
_PROMPT, _WORD = "a photo of {}", "x"


def invert(model: Any, tokenize: Any, target: Vectors) -> Vectors:
    """Returns the vector, shape (dimension,), of a text with a fitted word that is nearest to a picture's (`target`).

    `model` is a CLIP, SigLIP or ALIGN of transformers, `tokenize` makes its inputs of texts. Raises `OctavoError` for
    another model.
    """
    import torch

    tower = getattr(model, "text_model", None)
    if tower is None or not hasattr(model, "get_text_features"):
        raise OctavoError(
            f"A picture cannot be inverted by {type(model).__name__}: OCTAVO_PICTURE_ROUTE=inverted needs a model in "
            "this process that has a tower for texts, such as CLIP, SigLIP or ALIGN."
        )
    inputs = tokenize([_PROMPT.format(_WORD)])
    place = _place_of_word(inputs["input_ids"][0].tolist(), tokenize)
    table = tower.get_input_embeddings()
    with torch.no_grad():
        word = table.weight.float().mean(0).clone()
    word.requires_grad_(True)
    target_vector = torch.tensor(target, device=word.device)

    def put_word(layer: Any, inputs: Any, output: Any) -> Any:
        there = torch.arange(output.shape[1], device=output.device)[None, :, None] == place
        return torch.where(there, word.to(output.dtype), output)

    def similarity() -> tuple[Any, Any]:
        result = model.get_text_features(**inputs)
        row = torch.nn.functional.normalize(getattr(result, "pooler_output", result).float()[0], dim=0)
        return row, row @ target_vector

    optimizer = torch.optim.Adam([word], lr=_RATE)
    hook = table.register_forward_hook(put_word)
    try:
        for _ in range(STEPS):
            optimizer.zero_grad()
            (-similarity()[1]).backward()
            optimizer.step()
        with torch.no_grad():
            best: Vectors = similarity()[0].cpu().numpy()
    finally:
        hook.remove()
    return unit(best)


def _place_of_word(ids: Sequence[int], tokenize: Any) -> int:
    """Returns where the made-up word stands among the tokens: the last that a text without it has another one at."""
    without = tokenize([_PROMPT.format("")])["input_ids"][0].tolist()
    shorter = [*without, *[-1] * (len(ids) - len(without))]
    return next(n for n, (own, other) in enumerate(zip(ids, shorter, strict=False)) if own != other)
