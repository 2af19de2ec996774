"""Tests of how benchmarks measure; the benchmarks themselves are no tests."""
