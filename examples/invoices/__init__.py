"""Invoices, orders and receipts: strict readers, writers, three-way match, generator."""
