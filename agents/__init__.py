"""All that knows what a book is. Each file beside this one is an agent; the folders hold what agents share."""
