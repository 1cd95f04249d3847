"""Embedding: entries and questions as vectors."""

from pathlib import Path

from octavo.ingest import OctavoError
from octavo.rag.embedding.base import Embedder, Vectors, unit
from octavo.rag.embedding.multivector import MultiVectorEmbedder
from octavo.rag.embedding.static import StaticEmbedder
from octavo.rag.model_cards import ModelCard, card, is_known
from octavo.rag.settings import LocalEmbeddingOptions, ServedEmbeddingOptions, Settings

__all__ = ["Embedder", "MultiVectorEmbedder", "StaticEmbedder", "Vectors", "make_embedder", "unit"]


def make_embedder(settings: Settings) -> Embedder:
    """Returns the embedding that the settings select; a served model that has no card is taken for one of texts.

    >>> from octavo import Settings
    >>> make_embedder(Settings()).dimension
    256
    """
    match settings.embedding:
        case ServedEmbeddingOptions() as options:
            from octavo.rag.embedding.served import ServedEmbedder, ServedMultiVectorEmbedder

            if not options.card and not is_known(options.model):
                from octavo.rag.embedding.text_endpoint import TextEndpointEmbedder, probed_card

                return TextEndpointEmbedder(options, probed_card(options).with_instruction(options.instruction))
            model_card = _card(options)
            if model_card.multi_vector:
                return ServedMultiVectorEmbedder(options, model_card)
            if not (model_card.sees or isinstance(options.card, ModelCard)):
                from octavo.rag.embedding.text_endpoint import TextEndpointEmbedder

                return TextEndpointEmbedder(options, model_card)
            return ServedEmbedder(options, model_card)
        case LocalEmbeddingOptions() as options:
            from octavo.rag.embedding.in_process import LocalEmbedder
            from octavo.rag.embedding.in_process_multivector import LocalMultiVectorEmbedder
            from octavo.rag.model_cards.probed import card_of_weights

            probed = None if options.card or is_known(options.model) else card_of_weights(Path(options.model))
            model_card = probed.with_instruction(options.instruction) if probed else _card(options)
            if model_card.multi_vector:
                return LocalMultiVectorEmbedder(options, model_card)
            return LocalEmbedder(options, model_card)
        case _:
            return StaticEmbedder()


def _card(options: ServedEmbeddingOptions | LocalEmbeddingOptions) -> ModelCard:
    model_card = options.card if isinstance(options.card, ModelCard) else card(options.card or options.model)
    if options.interleaved and not (model_card.sees and model_card.together):
        raise OctavoError(
            f"{model_card.name} takes no text together with a picture: leave out OCTAVO_EMBEDDING__INTERLEAVED, "
            "or set an embedding model that does."
        )
    return model_card.with_instruction(options.instruction)
