"""Vendors: which checks there are is decided by country; two countries have a process of their own."""
