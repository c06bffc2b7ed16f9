"""What a batch gives back: outcomes of rows, or records of a query."""

import json
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from apps.sandbox.rest.bulk import csvs
from apps.sandbox.rest.bulk1 import forms
from apps.sandbox.schema.registry import find_sobject
from apps.sandbox.times import read_stamp
from apps.sandbox.wire import Answer

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
Row = dict[str, Any]


def list_of(form: str, ids: list[str]) -> Answer:
    if form == forms.JSON:
        return forms.content(forms.JSON, json.dumps(ids))
    whole = Element("result-list", xmlns=forms.NAMESPACE)
    for each in ids:
        SubElement(whole, "result").text = each
    return forms.xml(whole)


def outcomes(form: str, rows: list[Row]) -> Answer:
    """One entry for each row of the batch, in its order."""
    if form == forms.JSON:
        return forms.content(forms.JSON, json.dumps(rows))
    if form == forms.CSV:
        cells = [
            [row["id"] or "", forms.shown(row["success"]), forms.shown(row["created"]), _said(row)]
            for row in rows
        ]
        header = ("Id", "Success", "Created", "Error")
        return forms.content(forms.CSV, csvs.write_rows(header, cells, ending="\n"))
    whole = Element("results", xmlns=forms.NAMESPACE)
    for row in rows:
        result = SubElement(whole, "result")
        for error in row["errors"]:
            _error(SubElement(result, "errors"), error)
        for name in ("id", "success", "created"):
            if row[name] is not None:
                SubElement(result, name).text = forms.shown(row[name])
    return forms.xml(whole)


def _error(element: Element, error: Row) -> None:
    for field in error["fields"]:
        SubElement(element, "fields").text = field
    SubElement(element, "message").text = error["message"]
    SubElement(element, "statusCode").text = error["statusCode"]


def _said(row: Row) -> str:
    error = next(iter(row["errors"]), None)
    if error is None:
        return ""
    return f"{error['statusCode']}:{error['message']}:{','.join(error['fields'])} --"


def records(form: str, rows: list[Row], sobject: str) -> Answer:
    """The records a query found; JSON tells moments as milliseconds, as the platform does."""
    if form == forms.JSON:
        return Answer(body=[_in_milliseconds(row) for row in rows])
    if form == forms.CSV:
        header, cells = flat(rows)
        if not rows:
            return forms.content(forms.CSV, "Records not found for this query\n")
        return forms.content(forms.CSV, csvs.write_rows(header, cells, ending="\n"))
    whole = Element("queryResult", {"xmlns": forms.NAMESPACE, "xmlns:xsi": _XSI})
    for row in rows:
        record = SubElement(whole, "records", {"xsi:type": "sObject"})
        SubElement(record, "type").text = sobject
        _members(record, row)
    return forms.xml(whole)


def _members(element: Element, row: Row) -> None:
    for name, value in row.items():
        if name == "attributes":
            continue
        child = SubElement(element, name)
        if isinstance(value, dict):
            _members(child, value)
        elif value is None:
            child.set("xsi:nil", "true")
        else:
            child.text = forms.shown(value)


def flat(rows: list[Row]) -> tuple[list[str], list[list[str]]]:
    """The rows as a table; a parent's fields get dotted names."""
    named = [_flat(row) for row in rows]
    header = list(dict.fromkeys(name for row in named for name in row))
    return header, [[csvs.cell_of(row.get(name)) for name in header] for row in named]


def _flat(row: Row, prefix: str = "") -> Row:
    told: Row = {}
    for name, value in row.items():
        if name == "attributes":
            continue
        if isinstance(value, dict):
            told |= _flat(value, f"{prefix}{name}.")
        else:
            told[prefix + name] = value
    return told


def _in_milliseconds(row: Row) -> Row:
    sobject = find_sobject(str(row.get("attributes", {}).get("type", "")))
    told: Row = {}
    for name, value in row.items():
        field = sobject.field(name) if sobject else None
        if isinstance(value, dict) and name != "attributes":
            told[name] = _in_milliseconds(value)
        elif field is not None and field.type == "datetime" and value:
            told[name] = int(read_stamp(value).timestamp() * 1000)
        else:
            told[name] = value
    return told
