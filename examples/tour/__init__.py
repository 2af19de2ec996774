"""The tour of a demo organisation: six real tasks for each role, where each is found and how it is seen to be done."""
