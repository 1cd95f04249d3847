"""The rules by which a query is read, each a switch."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class QueryRules(BaseModel):
    """Switches of what is read out of a query beside its words; a rule that is off reads nothing.

    `octavo.eval.benchmarks.ablate` measures each on data sets.

    >>> QueryRules(statements=False).off
    ('statements',)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pages: bool = Field(True, description="pages by number, as printed on them, in words, from the end, and covers")
    whole: bool = Field(True, description="a question about the document as a whole is about its first page")
    captions: bool = Field(True, description="figures and tables by number, as in Figure 3")
    statements: bool = Field(True, description="financial statements, by name and by the lines that they hold")
    kinds: bool = Field(True, description="kinds of regions, such as charts; their elements come first")
    regions: bool = Field(True, description="a question of nothing but kinds is about the pages that hold them")
    instructions: bool = Field(True, description="how to answer, and words such as page, are no search words")
    names: bool = Field(True, description="of several documents, the one that is named comes first")
    years: bool = Field(
        True, description="of several documents, that of the period, or the latest, comes first; FY2022 is 2022"
    )
    numbers: bool = Field(True, description="pages that hold the numbers of the query come first")

    @property
    def off(self) -> tuple[str, ...]:
        """The names of the rules that are off."""
        return tuple(name for name in type(self).model_fields if not getattr(self, name))


ALL_RULES = QueryRules()
WORDS_ONLY = QueryRules(**dict.fromkeys(QueryRules.model_fields, False))
