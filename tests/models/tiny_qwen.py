"""A tiny Qwen3-VL with random weights for the servers of `make test-models`; vLLM's own environment has what it needs.

python -m tests.models.tiny_qwen FOLDER
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.models.tiny import DIMENSION, tokenizer

_SPECIAL = ("<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
_SINGLE = ("Yes", "No", "True", "False", "yes", "no")
"""Words of one token each, so that a scorer can ask for their probabilities."""
_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.content is string %}{{ m.content }}{% else %}"
    "{% for c in m.content %}{% if c.type in ('image', 'image_url') %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ c.text }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_PATCH = 16


def save(folder: Path) -> None:
    """Makes the model with its processor in a folder."""
    import torch
    import transformers as tf

    sources = sorted(Path(os.__file__).parent.glob("*.py"))[:60]
    words = tokenizer(*_SPECIAL, texts=[file.read_text(errors="ignore") for file in sources], size=2_000)
    words.add_tokens(list(_SINGLE))
    words.eos_token = "<|im_end|>"
    at = words.convert_tokens_to_ids
    text = {
        "hidden_size": DIMENSION,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "vocab_size": len(words),
        "tie_word_embeddings": False,
        "max_position_embeddings": 8192,
        "bos_token_id": at("<start>"),
        "eos_token_id": at("<|im_end|>"),
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 1e6,
            "mrope_section": [6, 5, 5],
            "mrope_interleaved": True,
        },
    }
    vision = {
        "depth": 2,
        "hidden_size": 64,
        "out_hidden_size": DIMENSION,
        "num_heads": 2,
        "intermediate_size": 128,
        "patch_size": _PATCH,
        "num_position_embeddings": 256,
        "deepstack_visual_indexes": [0],
    }
    torch.manual_seed(0)
    config = tf.Qwen3VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=at("<|image_pad|>"),
        video_token_id=at("<|video_pad|>"),
        vision_start_token_id=at("<|vision_start|>"),
        vision_end_token_id=at("<|vision_end|>"),
        tie_word_embeddings=False,
    )
    square = (2 * _PATCH) ** 2  # of one token
    images = tf.Qwen2VLImageProcessor(patch_size=_PATCH, min_pixels=4 * square, max_pixels=256 * square)
    video = tf.Qwen3VLVideoProcessor(patch_size=_PATCH)
    processor = tf.Qwen3VLProcessor(images, words, video, chat_template=_TEMPLATE)
    model = tf.Qwen3VLForConditionalGeneration(config)
    with torch.no_grad():  # so that it writes what can be read, and no end
        model.lm_head.weight[words.all_special_ids] = 0
    model.to(torch.bfloat16).save_pretrained(folder)
    processor.save_pretrained(folder)


if __name__ == "__main__":
    save(Path(sys.argv[1]))
