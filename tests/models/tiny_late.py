"""Tiny models with random weights that give a vector for each token.

ColPali, ColQwen2, ColQwen2.5 (ColNomic), ColModernVBERT, ColBERT and ColBERT-XM.
"""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

from tests.models.tiny import TEMPLATE, tokenizer

WIDTH = 32
_TEXT = {"hidden_size": WIDTH, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
_VISION = {**_TEXT, "image_size": 64, "patch_size": 16}


def save(folder: Path, family: str, dimension: int) -> Path:
    """Makes a model of a family with its processor in a folder, with vectors of `dimension`."""
    import torch

    torch.manual_seed(0)
    make = {"colpali": _colpali, "colqwen2": _colqwen2, "colnomic": _colnomic, "colmodernvbert": _colmodernvbert}
    model, processor = make[family](dimension)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _colpali(dimension: int) -> tuple[Any, Any]:
    import transformers as tf

    words = tokenizer("<bos>")
    text = {**_TEXT, "model_type": "gemma", "vocab_size": len(words) + 200, "num_key_value_heads": 1, "head_dim": 16}
    vision = {**_VISION, "model_type": "siglip_vision_model", "vocab_size": len(words) + 200}
    images = tf.SiglipImageProcessor(size={"height": 64, "width": 64})
    images.image_seq_length = 16
    processor = tf.ColPaliProcessor(images, words)
    vlm = tf.PaliGemmaConfig(
        text_config=text, vision_config=vision, image_token_id=processor.image_token_id, projection_dim=WIDTH
    )
    config = tf.ColPaliConfig(vlm_config=vlm, embedding_dim=dimension)
    return tf.ColPaliForRetrieval(config), processor


def _colqwen2(dimension: int) -> tuple[Any, Any]:
    import transformers as tf

    vision = {"depth": 2, "embed_dim": 32, "hidden_size": WIDTH, "num_heads": 2, "mlp_ratio": 2, "patch_size": 14}
    return _of_qwen(dimension, tf.Qwen2VLConfig, vision)


def _colnomic(dimension: int) -> tuple[Any, Any]:
    import transformers as tf

    vision = {"depth": 2, "hidden_size": 32, "out_hidden_size": WIDTH, "num_heads": 2, "intermediate_size": 64}
    return _of_qwen(dimension, tf.Qwen2_5_VLConfig, {**vision, "patch_size": 14, "fullatt_block_indexes": [1]})


def _of_qwen(dimension: int, kind: Any, vision: dict[str, Any]) -> tuple[Any, Any]:
    import transformers as tf

    special = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>", "<|im_start|>", "<|im_end|>")
    words = tokenizer(*special, "<|endoftext|>")
    at = words.convert_tokens_to_ids
    rope = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 1e6}
    text = {**_TEXT, "vocab_size": len(words), "num_key_value_heads": 2, "rope_parameters": rope}
    names = ("vision_start_token_id", "vision_end_token_id", "image_token_id", "video_token_id")
    vlm = kind(text_config=text, vision_config=vision, **dict(zip(names, map(at, special), strict=False)))
    images = tf.Qwen2VLImageProcessor(size={"shortest_edge": 28 * 28 * 4, "longest_edge": 28 * 28 * 16})
    config = tf.ColQwen2Config(vlm_config=vlm, embedding_dim=dimension)
    return tf.ColQwen2ForRetrieval(config), tf.ColQwen2Processor(images, words)


def _colmodernvbert(dimension: int) -> tuple[Any, Any]:
    import transformers as tf

    processor, vlm = modernvbert()
    config = tf.ColModernVBertConfig(vlm_config=vlm, embedding_dim=dimension)
    return tf.ColModernVBertForRetrieval(config), tf.ColModernVBertProcessor(
        processor.image_processor, processor.tokenizer, image_seq_len=4
    )


def modernvbert() -> tuple[Any, Any]:
    """A processor and a configuration of ModernVBERT, which sees and reads in one encoder."""
    import transformers as tf

    words = tokenizer("<|begin_of_text|>")
    text = {**_TEXT, "model_type": "modernbert", "vocab_size": len(words), "pad_token_id": words.pad_token_id}
    text |= {"global_attn_every_n_layers": 1, "reference_compile": False}
    vision = {**_VISION, "model_type": "siglip_vision_model"}
    config = tf.ModernVBertConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=words.convert_tokens_to_ids("<image>"),
        pixel_shuffle_factor=2,
    )
    images = tf.Idefics3ImageProcessor(size={"longest_edge": 128}, max_image_size={"longest_edge": 64})
    return tf.Idefics3Processor(images, words, image_seq_len=4, chat_template=TEMPLATE), config


def colbert(folder: Path, dimension: int) -> Path:
    """BERT with a linear layer, as ColBERT's weights are laid out, and its word-piece tokenizer."""
    import transformers as tf

    from octavo.rag.embedding.colbert import ARCHITECTURE, colbert_class

    letters = [*"abcdefghijklmnopqrstuvwxyz0123456789.,?"]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused0]", "[unused1]"]
    words += [*letters, *(f"##{letter}" for letter in letters), "revenue", "mirror", "polished", "##s"]
    tf.BertTokenizer(vocab={word: number for number, word in enumerate(words)}).save_pretrained(folder)
    config = tf.BertConfig(**_TEXT, vocab_size=len(words), max_position_embeddings=512)
    colbert_class(tf, dimension, "bert")(config).save_pretrained(folder)
    saved = json.loads((folder / "config.json").read_text())
    assert saved["architectures"] == [ARCHITECTURE]
    return folder


def colbert_xm(folder: Path, dimension: int) -> Path:
    """X-MOD with adapters for English and German, a linear layer and a tokenizer of sentence pieces."""
    import tokenizers
    import torch
    import transformers as tf

    from octavo.rag.embedding.colbert import colbert_class

    words = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *"▁abcdefghijklmnopqrstuvwxyzäöüß.,?0123456789"]
    words += [f"▁{sign}" for sign in string.punctuation]
    made = tokenizers.Tokenizer(
        tokenizers.models.Unigram([(word, -float(len(word) == 1)) for word in words], unk_id=words.index("<unk>"))
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    names = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token", "mask_token"), words[:5], strict=True))
    tf.PreTrainedTokenizerFast(tokenizer_object=made, cls_token="<s>", sep_token="</s>", **names).save_pretrained(
        folder
    )
    torch.manual_seed(0)
    config = tf.XmodConfig(
        **_TEXT, vocab_size=len(words), pad_token_id=1, max_position_embeddings=514, languages=["en_XX", "de_DE"]
    )
    colbert_class(tf, dimension, "xmod")(config).save_pretrained(folder)
    return folder
