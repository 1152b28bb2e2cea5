"""The XML our own code wrote, parsed to look into it."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

__all__ = ["Element", "parsed"]


def parsed(document: str) -> Element:
    """The root of a document. Raises ParseError where it is not well-formed."""
    return ElementTree.fromstring(document)  # noqa: S314  # our own output, not a stranger's
