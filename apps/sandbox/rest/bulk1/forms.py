"""Job and batch documents and results as XML, JSON or CSV."""

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from apps.sandbox.errors import ApiError
from apps.sandbox.wire import Answer, Call

OLDER_BULK = "/services/async/"
NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
XML, JSON, CSV = "XML", "JSON", "CSV"
_TYPES = {
    XML: "application/xml",
    JSON: "application/json",
    CSV: "text/csv;charset=UTF-8",
}


def form_of(call: Call) -> str:
    """The form in which a client speaks of jobs: XML unless it says JSON."""
    spoken = call.headers.get("content-type", "") + call.headers.get("accept", "")
    return JSON if "json" in spoken else XML


def read_document(call: Call, *, root: str) -> dict[str, str]:
    """The members of a job document. Raises ApiError InvalidXml or JSON_PARSER_ERROR."""
    if form_of(call) == JSON:
        return {name: str(value) for name, value in call.json_object().items()}
    element = read_xml(call.body)
    if _bare(element) != root:
        raise ApiError(400, "InvalidXml", f"The document must be a {root}")
    return {_bare(child): (child.text or "").strip() for child in element}


def read_xml(body: bytes) -> Element:
    """Raises ApiError InvalidXml."""
    try:
        root: Element = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ApiError(400, "InvalidXml", f"Unable to parse XML: {error}") from error
    return root


def read_sobjects(body: bytes) -> list[dict[str, str]]:
    """The rows of a batch of `sObjects`."""
    root = read_xml(body)
    return [{_bare(cell): cell.text or "" for cell in row} for row in root]


def _bare(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def document(form: str, root: str, values: Mapping[str, Any], *, status: int = 200) -> Answer:
    """A job or a batch."""
    if form == JSON:
        return Answer(status=status, body=dict(values))
    element = Element(root, xmlns=NAMESPACE)
    _fill(element, {name: value for name, value in values.items() if value is not None})
    return xml(element, status=status)


def documents(form: str, name: str, rows: Iterable[Mapping[str, Any]]) -> Answer:
    """A list of batches: `batchInfoList` of `batchInfo`."""
    if form == JSON:
        return Answer(body={name: list(rows)})
    whole = Element(f"{name}List", xmlns=NAMESPACE)
    for row in rows:
        shown = {key: value for key, value in row.items() if value is not None}
        _fill(SubElement(whole, name), shown)
    return xml(whole)


def refusal(form: str, error: ApiError) -> Answer:
    """An error: `exceptionCode` and `exceptionMessage`."""
    values = {"exceptionCode": error.code, "exceptionMessage": error.message}
    return document(form, "error", values, status=error.status)


_CODES = {
    "INVALID_SESSION_ID": "InvalidSessionId",
    "REQUEST_LIMIT_EXCEEDED": "ExceededQuota",
    "API_DISABLED_FOR_ORG": "FeatureNotEnabled",
    "SERVER_UNAVAILABLE": "ServerUnavailable",
}


def in_own_words(call: Call, answer: Answer) -> Answer:
    """A refusal of the REST API as this older one tells it: 400 and an `error` document."""
    entry = answer.body[0] if isinstance(answer.body, list) and answer.body else {}
    code = _CODES.get(str(entry.get("errorCode")))
    if code is None:
        return answer
    status = answer.status if answer.status >= 500 else 400
    return refusal(form_of(call), ApiError(status, code, str(entry.get("message"))))


def xml(element: Element, *, status: int = 200) -> Answer:
    text = '<?xml version="1.0" encoding="UTF-8"?>' + tostring(element, encoding="unicode")
    return Answer(status=status, body=text, content_type=_TYPES[XML])


def content(form: str, text: str) -> Answer:
    return Answer(body=text, content_type=_TYPES[form])


def _fill(element: Element, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        SubElement(element, name).text = shown(value)


def shown(value: Any) -> str:
    """A value as text: nothing for null, small letters for truth."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
