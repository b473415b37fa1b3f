"""The page for people: what runs, how far it is, who is at work. It watches only. Knows nothing about books.

views      what is shown, as plain values, and the library that gives them
scenes     what each address shows, gathered and painted (painter turns values into HTML, geometry places drawings)
hub        who watches, and what each is sent
routes     the addresses (docs lists them)
pages      all of it put onto an application
"""
