"""The pages of the entrance: sign-in and sign-out, a first password, demo links. They work without a script; what
people work with is the console."""
