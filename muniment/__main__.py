"""`python -m muniment`."""

from muniment.main import main

main()
