"""The tools of a model that looks for more evidence: what they take, and what they add to the evidence."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from octavo.ingest import Box, Kind, OctavoError, Page, Region
from octavo.rag.answering.base import Lookup
from octavo.rag.answering.rows import rows_of
from octavo.rag.answering.steps.table_query import Operation, query_table
from octavo.rag.answering.store.table_rows import ConditionError
from octavo.rag.entry import EntryId, Level
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import PageStore

StepKind = Literal["search", "open", "zoom", "table"]
MOST_FOUND = 3
"""Entries that one search adds."""


class ToolError(OctavoError):
    """A tool cannot do what the model asks."""


class _Tool(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: ClassVar[StepKind]


class Search(_Tool):
    """Search the documents again: in other words, or for one part of the question."""

    kind: ClassVar[StepKind] = "search"
    tool: Literal["search"] = "search"
    query: str = Field(min_length=1, max_length=300, description="the words to search for")

    def run(self, evidence: Sequence[Evidence], pages: PageStore, lookup: Lookup) -> list[Evidence]:
        """Returns entries that the words find."""
        known_ids = {e.id for e in evidence}
        return [e for e in lookup.search(self.query) if e.id not in known_ids][:MOST_FOUND]

    @property
    def query_text(self) -> str:
        return self.query


class _OnEvidence(_Tool):
    evidence: int = Field(ge=1, description="number of the evidence")

    def of(self, evidence: Sequence[Evidence]) -> Evidence:
        if self.evidence > len(evidence):
            raise ToolError(f"There is no evidence [{self.evidence}].")
        return evidence[self.evidence - 1]


class OpenPage(_OnEvidence):
    """Open a page of the document that a piece of evidence is from, such as the page before or after it."""

    kind: ClassVar[StepKind] = "open"
    tool: Literal["open_page"] = "open_page"
    page: int = Field(ge=1, description="number of the page")

    def run(self, evidence: Sequence[Evidence], pages: PageStore, lookup: Lookup) -> list[Evidence]:
        """Returns the whole page."""
        neighbor, number = self.of(evidence), self.page - 1
        first, last = lookup.pages or (0, number)
        if not first <= number <= last:
            raise ToolError(f"Page {self.page} is outside of the pages that were asked about.")
        page = pages.page(neighbor.document, number)
        opened = _evidence(
            neighbor, EntryId.of_page(neighbor.document, number), Level.PAGE, page, Region(number, page.box), page.text
        )
        return [] if any(e.id == opened.id for e in evidence) else [opened]

    @property
    def query_text(self) -> str:
        return f"page {self.page}"


class Zoom(_OnEvidence):
    """Look closer at a region of the page that a piece of evidence is on."""

    kind: ClassVar[StepKind] = "zoom"
    tool: Literal["zoom"] = "zoom"
    region: list[Annotated[float, Field(ge=0, le=100)]] = Field(
        min_length=4, max_length=4, description="left, top, right, bottom in percent of the page"
    )

    def run(self, evidence: Sequence[Evidence], pages: PageStore, lookup: Lookup) -> list[Evidence]:
        """Returns the region, with the lines in it."""
        on = self.of(evidence)
        page = pages.page(on.document, on.page)
        left, top, right, bottom = (part / 100 for part in self.region)
        box = Box(left * page.width, top * page.height, right * page.width, bottom * page.height)
        if box.width < 0.02 * page.width or box.height < 0.02 * page.height:
            raise ToolError(f"The region {self.region} is too small to look at.")
        lines = [line.text for e in page.elements for line in e.lines if line.box.coverage(box) > 0.5]
        id = EntryId.of_region(on.document, page.number, ",".join(f"{part:g}" for part in self.region))
        return [_evidence(on, id, Level.ELEMENT, page, Region(page.number, box), "\n".join(lines), Kind.FIGURE)]

    @property
    def query_text(self) -> str:
        return f"region {', '.join(f'{part:g} %' for part in self.region)}"


class ReadTable(_OnEvidence):
    """Read the tables on the page that a piece of evidence is on: each cell beside the names of its row and column."""

    kind: ClassVar[StepKind] = "table"
    tool: Literal["read_table"] = "read_table"

    def run(self, evidence: Sequence[Evidence], pages: PageStore, lookup: Lookup) -> list[Evidence]:
        """Returns the tables as text."""
        on = self.of(evidence)
        page = pages.page(on.document, on.page)
        captions = {e.about: e.text for e in page.elements if e.about is not None}
        results = []
        for element in page.elements:
            if element.kind is not Kind.TABLE or not (rows := rows_of(element)):
                continue
            caption = captions.get(element.index, "")
            text = "\n".join(filter(None, [caption, *(row.readable for row in rows)]))
            region = Region(page.number, element.box, element.index)
            id = EntryId.of_element(on.document, page.number, element.index)
            results.append(_evidence(on, id, Level.ELEMENT, page, region, text, Kind.TABLE))
        if not results:
            raise ToolError(f"There is no table on page {page.number + 1} of {on.name}.")
        return results

    @property
    def query_text(self) -> str:
        return f"evidence [{self.evidence}]"


class QueryTable(_OnEvidence):
    """Select rows of a table on the page that a piece of evidence is on, and list, count or add up a column."""

    kind: ClassVar[StepKind] = "table"
    tool: Literal["query_table"] = "query_table"
    column: str = Field(min_length=1, max_length=200, description="the name of the column whose cells are wanted")
    where: str = Field(
        max_length=500, description='a condition in SQL on the table\'s columns, such as "Staff" > 10; empty: all rows'
    )
    operation: Operation = Field(description="what is done with the cells")

    def run(self, evidence: Sequence[Evidence], pages: PageStore, lookup: Lookup) -> list[Evidence]:
        """Returns the result with the rows that it rests on, and the boxes of the cells."""
        on = self.of(evidence)
        page = pages.page(on.document, on.page)
        problem = f"There is no table on page {page.number + 1} of {on.name}."
        for element in page.elements:
            if element.kind is Kind.TABLE and (rows := rows_of(element)):
                try:
                    selected = query_table(rows, self.column, self.where, self.operation)
                except ConditionError as error:
                    problem = str(error)
                    continue
                region = Region(page.number, element.box, element.index)
                id = EntryId.of_region(
                    on.document, page.number, f"t{element.index}-{zlib.crc32(self.query_text.encode())}"
                )
                result = _evidence(on, id, Level.ELEMENT, page, region, selected.text, Kind.TABLE)
                boxes = dict.fromkeys(cell.box for cell in selected.cells) or {element.box: None}
                return [replace(result, regions=tuple(Region(page.number, box, element.index) for box in boxes))]
        raise ToolError(problem)

    @property
    def query_text(self) -> str:
        return f"{self.operation} of {self.column}{f' where {self.where}' if self.where else ''}"


def _evidence(
    source: Evidence, id: EntryId, level: Level, page: Page, region: Region, text: str, kind: Kind | None = None
) -> Evidence:
    return replace(
        source, id=id, level=level, page=page.number, heading="", text=text, regions=(region,), kind=kind, notes=""
    )


Tool = Search | OpenPage | Zoom | ReadTable | QueryTable
_TOOL: TypeAdapter[Tool] = TypeAdapter(Annotated[Tool, Field(discriminator="tool")])


def parse_tool(name: str, arguments: dict[str, Any]) -> Tool:
    """Returns the tool of a name with its arguments; raises pydantic's `ValidationError`.

    >>> parse_tool("search", {"query": "capital expenditure 2018"})
    Search(tool='search', query='capital expenditure 2018')
    """
    return _TOOL.validate_python({**arguments, "tool": name})


def offered_tools(evidence: Sequence[Evidence], pages: PageStore, *, sees: bool) -> list[type[Tool]]:
    """Returns the tools that have something to work on: without evidence only the search is one."""
    results: list[type[Tool]] = [Search]
    if evidence:
        results.append(OpenPage)
        on = [pages.page(e.document, e.page) for e in evidence]
        if sees and any(page.image for page in on):
            results.append(Zoom)
        if any(element.kind is Kind.TABLE for page in on for element in page.elements):
            results += [ReadTable, QueryTable]
    return results


def arguments_schema(tool: type[Tool]) -> dict[str, Any]:
    """Returns the JSON schema of a tool's arguments."""
    properties = {
        name: {key: value for key, value in field.items() if key != "title"}
        for name, field in tool.model_json_schema()["properties"].items()
        if name != "tool"
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def tool_name(tool: type[Tool]) -> str:
    """Returns the name that a model calls a tool by."""
    return str(tool.model_fields["tool"].default)
