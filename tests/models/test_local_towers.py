"""BridgeTower in process, by its contrastive heads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from octavo.rag import Settings
from octavo.rag.embedding import make_embedder, unit
from octavo.rag.images import decode_image
from tests.models.test_local import picture
from tests.models.tiny import tokenizer

pytestmark = pytest.mark.models
transformers = pytest.importorskip("transformers", reason="the extra `transformers` is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    folder = tmp_path_factory.mktemp("bridge")
    words = tokenizer("<cls>", "<sep>", "<mask>")
    words.cls_token, words.sep_token, words.mask_token = "<cls>", "<sep>", "<mask>"
    sizes = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    text = {**sizes, "intermediate_size": 64, "vocab_size": len(words), "pad_token_id": words.pad_token_id}
    config = transformers.BridgeTowerConfig(
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        contrastive_hidden_size=16,
        logit_scale_init_value=2.65,
        text_config=text,
        vision_config={**sizes, "image_size": 288, "patch_size": 32},
    )
    torch.manual_seed(0)
    transformers.BridgeTowerForContrastiveLearning(config).save_pretrained(folder)
    images = transformers.BridgeTowerImageProcessor(do_center_crop=False)
    transformers.BridgeTowerProcessor(images, words).save_pretrained(folder)
    return folder


def test_texts_and_pictures_have_the_vectors_of_the_contrastive_heads(folder: Path) -> None:
    import torch

    embedder = make_embedder(
        Settings(embedding={"kind": "transformers", "model": str(folder), "dtype": "float32"})  # type: ignore[arg-type]
    )
    model = transformers.BridgeTowerForContrastiveLearning.from_pretrained(folder).eval()
    processor = transformers.AutoProcessor.from_pretrained(folder)
    shown = picture("red")
    with torch.inference_mode():
        result = model(
            **processor(images=[decode_image(shown.getvalue())], text=["revenue in 1999"], return_tensors="pt")
        )
    assert embedder.dimension == 16
    assert np.allclose(embedder.embed_query("revenue in 1999"), unit(result.text_embeds.numpy())[0], atol=1e-4)
    assert np.allclose(embedder.embed_image(shown), unit(result.image_embeds.numpy())[0], atol=1e-4)
