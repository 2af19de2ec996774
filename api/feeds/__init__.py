"""Feeds: entries on their way to other systems, by signed webhooks or fetched. What they hold is `ledger.disclosed`."""
