"""A tiny Idefics3 with random weights, to be loaded in process and served: real in everything but sense."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for m in messages %}{{ m.role }}:{% for c in m.content %}{% if c.type in ('image', 'image_url') %}<image>"
    "{% else %}{{ c.text }}{% endif %}{% endfor %}<end>\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
SPECIAL = ["<pad>", "<start>", "<end>", "<fake_token_around_image>", "<image>", "<global-img>", "<end_of_utterance>"]
SPECIAL += [f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)]
DIMENSION = 128


def save(folder: Path) -> Path:
    """Makes the model with its processor in a folder, with a tokenizer that is trained on English JSON text."""
    import torch
    import transformers as tf

    words = tokenizer()
    at = words.convert_tokens_to_ids
    text = {
        "model_type": "llama",
        "hidden_size": DIMENSION,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": len(words),
        "max_position_embeddings": 4096,
        "pad_token_id": at("<pad>"),
    }
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": 64,
        "patch_size": 16,
    }
    torch.manual_seed(0)
    config = tf.Idefics3Config(
        vision_config=vision, text_config=text, image_token_id=at("<image>"), scale_factor=2, pad_token_id=at("<pad>")
    )
    images = tf.Idefics3ImageProcessor(size={"longest_edge": 128}, max_image_size={"longest_edge": 64})
    processor = tf.Idefics3Processor(images, words, image_seq_len=4, chat_template=TEMPLATE)
    tf.Idefics3ForConditionalGeneration(config).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def tokenizer(*more: str, texts: Sequence[str] = (), size: int = 600) -> Any:
    """A tokenizer trained on English JSON text and more texts, with a few more special tokens than the model needs."""
    import transformers as tf
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    special = [*SPECIAL, *more]
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    words = [json.dumps({"query": f"what was revenue in {n}", "yes": "no", "page": n}) for n in range(1900, 2100)]
    made.train_from_iterator([*words, *texts], trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet))
    made.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return tf.PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        bos_token="<start>",
        eos_token="<end>",
        additional_special_tokens=special,
    )
