"""What is left when processes are killed, databases fail, and many write at once."""
