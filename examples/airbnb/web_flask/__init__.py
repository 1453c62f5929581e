"""Small pages, each a WSGI app of its own."""
