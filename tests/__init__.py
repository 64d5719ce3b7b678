"""Tests. A package, because gruut installs another one of this name beside it."""
