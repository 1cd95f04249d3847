"""The card of an embedding model: what it was trained to be given, so that it is asked in just that way."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from octavo.ingest import OctavoError


class ModelCard(BaseModel):
    """One embedding model. `{text}` in a prompt is replaced by the text.

    `question`, `passage` and `page` are the prompts of a question, a text and a page's picture, `mixed` that of a
    question with a picture; `system` and `system_question` go before texts and pictures, and before questions.
    `{instruction}` in them is replaced by `instruction`, which says what is searched for; a setting may give another.
    A model with `together=False` takes text or a picture, never both; one with `sees=False` no picture. `blank` is the
    side, in pixels, of the empty picture that goes with a text. Pictures have at most `max_pixels` (0: any number), or
    exactly `square` × `square`. With `answer` an empty answer of the model ends the conversation. A dimension from
    `matryoshka` on may be cut off (0: none may). `pooling` is what the vector is: the state of the `last` token, the
    `mean` of all, that of the first one (`cls`), what the model's `own` heads give, or `tokens`, a vector for each
    token. Of a picture the first and last `beside` tokens, which are the prompt's, do not count for a mean; servers,
    which make no such mean, are asked for all tokens. `padding` is the side that shorter texts of a batch are filled
    up on, in process; texts of a model that sees nothing are filled up on the right, as positions count from their
    beginning. `request` are further fields of vLLM's requests, `serve` further arguments of its command, `template` a
    chat template of this package that it needs; with `served=False` vLLM has no such model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    dimension: int = Field(gt=0)
    licence: str
    pooling: Literal["last", "mean", "cls", "own", "tokens"] = "last"
    question: str = "{text}"
    passage: str = "{text}"
    page: str = ""
    beside: tuple[int, int] = (0, 0)
    mixed: str = "{text}"
    system: str = ""
    system_question: str = ""
    instruction: str = ""
    answer: bool = False
    together: bool = True
    sees: bool = True
    blank: int = 0
    max_pixels: int = 0
    square: int = 0
    matryoshka: int = 0
    padding: Literal["left", "right"] = "left"
    request: dict[str, bool] = {}
    serve: tuple[str, ...] = ()
    template: str = ""
    max_tokens: int = Field(0, ge=0, description="tokens of a text that count, in process; 0: all that it has room for")
    served: bool = True
    memory: float = Field(0.0, description="GiB of weights in bfloat16")

    @property
    def leaves_out_tokens(self) -> bool:
        """True if a picture's vector is the mean of a part of its tokens, which no server makes."""
        return any(self.beside)

    @property
    def multi_vector(self) -> bool:
        """True if a text or a picture has one vector for each of its tokens."""
        return self.pooling == "tokens"

    def with_instruction(self, instruction: str) -> ModelCard:
        """Returns the card with another instruction in its prompts of questions (empty: the card's own).

        Raises `OctavoError` where the model takes none.

        >>> from octavo.rag.model_cards import card
        >>> card("Qwen3-Embedding-0.6B").with_instruction("Find the clause").question
        'Instruct: Find the clause\\nQuery:{text}'
        """
        prompts = {name: getattr(self, name) for name in ("question", "mixed", "system_question")}
        if instruction and not any("{instruction}" in text for text in prompts.values()):
            raise OctavoError(f"{self.name} takes no instruction: leave out OCTAVO_EMBEDDING__INSTRUCTION.")
        chosen = instruction or self.instruction
        return self.model_copy(update={k: text.replace("{instruction}", chosen) for k, text in prompts.items()})

    def check(self, dimensions: int) -> int:
        """Returns the dimensions of the vectors that are kept, where `dimensions` are wished for (0: all of them).

        >>> from octavo.rag.model_cards import card
        >>> card("Qwen3-VL-Embedding-2B").check(512), card("Qwen3-VL-Embedding-2B").check(0)
        (512, 2048)
        """
        if dimensions in (0, self.dimension):
            return self.dimension
        if not self.matryoshka:
            raise OctavoError(
                f"Vectors of {self.name} cannot be cut to {dimensions} dimensions, it is no Matryoshka model: "
                f"leave out the dimensions, or set {self.dimension}."
            )
        if not self.matryoshka <= dimensions < self.dimension:
            raise OctavoError(
                f"Vectors of {self.name} can be cut to {self.matryoshka} to {self.dimension} dimensions, "
                f"not to {dimensions}."
            )
        return dimensions
