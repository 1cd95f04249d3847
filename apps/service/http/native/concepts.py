"""Concepts of a collection's members: names, notes, and where they stand in the documents."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from octavo.apps.service.errors import ConflictError, NotFoundError
from octavo.apps.service.http import shapes
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.questions import check_picture, picture_of
from octavo.apps.service.rights import Role
from octavo.apps.service.service import Service
from octavo.rag import Pipeline
from octavo.rag.concepts import Concept

router = APIRouter(prefix="/api", tags=["questions"])


@router.get("/collections/{collection}/concepts", summary="List concepts")
def list_concepts(collection: str, service: CurrentService, caller: CurrentCaller) -> list[shapes.ConceptOut]:
    """The concepts of a collection, by name."""
    service.collections.get(caller, collection)
    with service.collections.opened(collection) as pipeline:
        return [shapes.ConceptOut.of_concept(concept) for concept in pipeline.concepts.all()]


@router.post("/collections/{collection}/concepts", status_code=201, summary="Add a concept")
def add_concept(
    collection: str, body: shapes.NewConceptIn, service: CurrentService, caller: CurrentCaller
) -> shapes.ConceptOut:
    """Adds a concept, with pictures where there are some; it is in force at the next question."""
    service.collections.get(caller, collection, Role.EDITOR)
    fields = body.model_dump(exclude={"pictures"})
    pictures = _pictures(body.pictures, service)
    with service.collections.opened(collection) as pipeline:
        _check_free(pipeline, body.name)
        concept = pipeline.concepts.add(**fields, pictures=pictures)
    service.record(caller, "concept.set", collection, concept.name)
    return shapes.ConceptOut.of_concept(concept)


@router.get("/collections/{collection}/concepts/{name}", summary="Get a concept")
def get_concept(collection: str, name: str, service: CurrentService, caller: CurrentCaller) -> shapes.ConceptOut:
    """One concept, by its name in any case."""
    service.collections.get(caller, collection)
    with service.collections.opened(collection) as pipeline:
        return shapes.ConceptOut.of_concept(_known(pipeline, name))


@router.patch("/collections/{collection}/concepts/{name}", summary="Change a concept")
def change_concept(
    collection: str, name: str, body: shapes.ConceptChangesIn, service: CurrentService, caller: CurrentCaller
) -> shapes.ConceptOut:
    """Changes what is given of a concept, and leaves the rest; pictures take the place of those that it has."""
    service.collections.get(caller, collection, Role.EDITOR)
    fields = body.model_dump(exclude={"name", "pictures"})
    pictures = None if body.pictures is None else _pictures(body.pictures, service)
    with service.collections.opened(collection) as pipeline:
        existing = _known(pipeline, name)
        if body.name is not None:
            _check_free(pipeline, body.name, besides=existing)
        concept = pipeline.concepts.edit(existing.name, rename=body.name, pictures=pictures, **fields)
    service.record(caller, "concept.set", collection, concept.name)
    return shapes.ConceptOut.of_concept(concept)


@router.put("/collections/{collection}/concepts/{name}", summary="Set a concept")
def set_concept(
    collection: str, name: str, body: shapes.ConceptIn, service: CurrentService, caller: CurrentCaller
) -> shapes.ConceptOut:
    """Adds a concept, or changes the one of that name; it is in force at the next question. Its pictures stay."""
    service.collections.get(caller, collection, Role.EDITOR)
    fields = body.model_dump()
    with service.collections.opened(collection) as pipeline:
        is_there = _find(pipeline, name) is not None
        concept = pipeline.concepts.edit(name, **fields) if is_there else pipeline.concepts.add(name, **fields)
    service.record(caller, "concept.set", collection, concept.name)
    return shapes.ConceptOut.of_concept(concept)


@router.delete("/collections/{collection}/concepts/{name}", status_code=204, summary="Remove a concept")
def remove_concept(collection: str, name: str, service: CurrentService, caller: CurrentCaller) -> None:
    """Removes a concept."""
    service.collections.get(caller, collection, Role.EDITOR)
    with service.collections.opened(collection) as pipeline:
        pipeline.concepts.remove(_known(pipeline, name).name)
    service.record(caller, "concept.remove", collection, name)


@router.get("/collections/{collection}/concepts/{name}/places", summary="Find a concept")
def find_concept(collection: str, name: str, service: CurrentService, caller: CurrentCaller) -> list[shapes.MentionOut]:
    """The places of a concept in the documents: pages and boxes of its names and pictures."""
    service.collections.get(caller, collection)
    with service.collections.opened(collection) as pipeline:
        places = pipeline.concepts.where(_known(pipeline, name).name)
    return [shapes.MentionOut.of(place) for place in places]


def _find(pipeline: Pipeline, name: str) -> Concept | None:
    return next((c for c in pipeline.concepts.all() if c.name.casefold() == name.casefold()), None)


def _check_free(pipeline: Pipeline, name: str, besides: Concept | None = None) -> None:
    other = _find(pipeline, " ".join(name.split()))
    if other is not None and (besides is None or other.id != besides.id):
        raise ConflictError(f"There is a concept {other.name!r} already: change that one.")


def _pictures(urls: Sequence[str], service: Service) -> list[bytes]:
    """Returns the bytes of data URLs; raises `ServiceError` for one that is no image or too large."""
    pictures = [picture_of(url) for url in urls]
    for picture in pictures:
        check_picture(picture, service.options.picture_pixels)
    return pictures


def _known(pipeline: Pipeline, name: str) -> Concept:
    concept = _find(pipeline, name)
    if concept is None:
        raise NotFoundError(f"There is no concept {name!r} in the collection.")
    return concept
