"""A witness of transparency logs, as an audit department runs it (c2sp.org/tlog-witness); its database is its own."""
