"""The course's own library: everything that a chapter imports once it has built it.

`nnkit` holds the engine (`scratch`), real data (`data`), the course's models (`models`), figures
(`plot`) and such as answer (`explore`), exercise checkers (`checks`), flashcards (`cards`), and the
extension that turns chapters into the book (`book`). Only NumPy is required to import it; each
subpackage asks for what it needs beyond that.
"""
