"""The demo with its history, founded once for the tests of this folder."""

from tests.demo_organisation import demo

__all__ = ["demo"]
