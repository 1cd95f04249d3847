"""The documents of an invented observatory: an annual report, a scanned inspection record, and a slide deck.

They are drawn by nothing but this package. `python -m examples.documents` draws them into `apps/samples`, from where
`octavo demo` and the chat take them.
"""
