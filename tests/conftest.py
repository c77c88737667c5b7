"""What holds for every test."""

from hypothesis import settings

# The same examples in every run, however long they take.
settings.load_profile("ci")
