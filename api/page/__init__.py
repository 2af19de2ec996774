"""The server-rendered page at `/`: no script, one style sheet. It asks the rooms what the JSON routes ask."""
