"""LlamaIndex's metadata filters as filters on the metadata of documents."""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core.vector_stores.types import FilterCondition, FilterOperator, MetadataFilters

from octavo.ingest import OctavoError
from octavo.ingest.store.metadata import Metadata, Value

_ONE, _SEVERAL = {FilterOperator.EQ, FilterOperator.CONTAINS}, {FilterOperator.IN, FilterOperator.ANY}


def metadata_of(filters: MetadataFilters | Metadata | None) -> Metadata | None:
    """Returns what a filter asks of a document's metadata: for each key, one of the values.

    Of LlamaIndex's operators `==`, `contains` (of a list), `in` and `any` are known, joined by `and`. Raises
    `OctavoError` for another one, so that no filter is ignored.

    >>> from llama_index.core.vector_stores.types import MetadataFilter
    >>> year = MetadataFilter(key="year", value=[2018, 2019], operator=FilterOperator.IN)
    >>> metadata_of(MetadataFilters(filters=[year, MetadataFilter(key="team", value="north")]))
    {'year': [2018, 2019], 'team': 'north'}
    """
    if not isinstance(filters, MetadataFilters):
        return filters
    if filters.condition not in (None, FilterCondition.AND) and len(filters.filters) > 1:
        raise OctavoError(f"Filters are joined by 'and', not {filters.condition.value!r}: ask once for each.")
    result: dict[str, Value | Sequence[Value]] = {}
    for item in filters.filters:
        if isinstance(item, MetadataFilters):
            added: dict[str, Value | Sequence[Value]] = dict(metadata_of(item) or {})
        elif item.operator in _ONE and isinstance(item.value, str | int | float):
            added = {item.key: item.value}
        elif item.operator in _SEVERAL and isinstance(item.value, list):
            added = {item.key: list(item.value)}
        else:
            raise OctavoError(
                f"The filter {item.key} {item.operator.value} {item.value!r} is not known: "
                "use == with a value, or 'in' with a list."
            )
        if twice := result.keys() & added.keys():
            raise OctavoError(f"Two filters ask for {min(twice)!r}: ask for one of several values by 'in'.")
        result |= added
    return result
