"""The options that `search` and `ask` share: how many entries, from where, and a picture."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from octavo.apps.cli.arguments import metadata_of, region_of, scope_of

if TYPE_CHECKING:
    from octavo.rag import Pipeline

T = TypeVar("T")


@dataclass(frozen=True)
class QueryOptions:
    """Bounds of a query, as options of a command."""

    k: Annotated[int | None, typer.Option("-k", min=1, max=100, help="The most entries.")] = None
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Drop entries with a lower relevancy score.")
    ] = None
    document: Annotated[
        list[str] | None, typer.Option("--document", "-d", help="Only in this document; repeatable.")
    ] = None
    pages: Annotated[str, typer.Option(help="Only on these pages, for example 3 or 3-7.")] = ""
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind of region, such as table or figure.")] = None
    filter: Annotated[
        list[str] | None, typer.Option(help="Only documents with this metadata, key=value; repeatable.")
    ] = None
    picture: Annotated[
        Path | None, typer.Option(help="A picture that belongs to the question, or is the question.")
    ] = None

    at: Annotated[
        list[str] | None,
        typer.Option(
            help="A place that is meant, DOCUMENT:PAGE:X,Y or DOCUMENT:PAGE:X0,Y0,X1,Y1 in points or %; repeatable."
        ),
    ] = None

    def arguments(self, pipeline: Pipeline) -> dict[str, Any]:
        """Returns the keyword arguments of `Pipeline.search` and `Pipeline.ask`."""
        return {
            "k": self.k,
            "threshold": self.threshold,
            "scope": scope_of(self.document, self.pages, self.kind),
            "filter": metadata_of(self.filter, "--filter"),
            "picture": self.picture,
            "region": [region_of(pipeline, place) for place in self.at or ()] or None,
        }


def with_query_options(command: Callable[..., T]) -> Callable[..., T]:
    """Replaces a command's parameter `query: QueryOptions` by an option for each field of it.

    >>> @with_query_options
    ... def find(question: str, query: QueryOptions, json: bool = False) -> object:
    ...     return query.k
    >>> list(inspect.signature(find).parameters)
    ['question', 'k', 'threshold', 'document', 'pages', 'kind', 'filter', 'picture', 'at', 'json']
    >>> find("Who?", k=3)
    3
    """
    hints = get_type_hints(QueryOptions, include_extras=True)
    fields = dataclasses.fields(QueryOptions)
    options = [
        inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
        for f in fields
    ]
    signature = inspect.signature(command)
    own = get_type_hints(command, include_extras=True)
    parameters = [
        replacement
        for name, parameter in signature.parameters.items()
        for replacement in (
            options
            if name == "query"
            else [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=own[name])]
        )
    ]

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> T:
        query = QueryOptions(**{f.name: options.pop(f.name) for f in fields if f.name in options})
        return command(*args, query=query, **options)

    wrapped.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapped
