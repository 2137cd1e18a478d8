"""The parts of weave: sources and their regions, fences in pages, recordings, benchmark tables, links."""
