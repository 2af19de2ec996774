"""The demo's history: sixty days of three processes, told through the one writer with a clock that is handed in."""
