"""Where a request's scope says how its connection is given up at once, without waiting for what was written."""

ABORT = "muniment.abort"
