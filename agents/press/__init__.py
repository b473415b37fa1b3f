"""The press: from the contents of a book, already laid out, to its files. It places, and measures nothing.

`pdf.make_pdf` and `html.make_html` set the same sheets; `cover.make_cover` paints sheet 0.
"""
