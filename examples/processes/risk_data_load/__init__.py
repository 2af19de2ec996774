"""The daily load of risk data: three dependent stages beside an approval."""
