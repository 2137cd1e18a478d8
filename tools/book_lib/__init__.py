"""Parts of tools/book.py: the source files as pages, and a look at every link of the finished site."""
