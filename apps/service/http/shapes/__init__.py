"""The JSON of the native API. Page numbers: `page` counts from 0, `page_number` from 1; boxes are in PDF points."""

from octavo.apps.service.http.shapes.answers import (
    AnswerOut,
    CitationOut,
    EvidenceOut,
    PageRefOut,
    RegionOut,
    StepOut,
    UnsupportedOut,
)
from octavo.apps.service.http.shapes.collections import CollectionIn, CollectionOut, MemberIn
from octavo.apps.service.http.shapes.common import Lenient, PageOf, example, image_url, timestamp
from octavo.apps.service.http.shapes.concepts import ConceptChangesIn, ConceptIn, ConceptOut, MentionOut, NewConceptIn
from octavo.apps.service.http.shapes.documents import DocumentOut, ElementOut, StoredPageOut
from octavo.apps.service.http.shapes.jobs import JobOut
from octavo.apps.service.http.shapes.people import KeyIn, KeyOut, UserIn, UserOut
from octavo.apps.service.http.shapes.questions import AskIn, FeedbackIn, RegionIn, SearchIn, SearchOptions, TurnIn

__all__ = [
    "AnswerOut",
    "AskIn",
    "CitationOut",
    "CollectionIn",
    "CollectionOut",
    "ConceptChangesIn",
    "ConceptIn",
    "ConceptOut",
    "DocumentOut",
    "ElementOut",
    "EvidenceOut",
    "FeedbackIn",
    "JobOut",
    "KeyIn",
    "KeyOut",
    "Lenient",
    "MemberIn",
    "MentionOut",
    "NewConceptIn",
    "PageOf",
    "PageRefOut",
    "RegionIn",
    "RegionOut",
    "SearchIn",
    "SearchOptions",
    "StepOut",
    "StoredPageOut",
    "TurnIn",
    "UnsupportedOut",
    "UserIn",
    "UserOut",
    "example",
    "image_url",
    "timestamp",
]
