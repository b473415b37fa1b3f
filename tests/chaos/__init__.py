"""Accidents from outside: a child runs the real command line, is hurt, and goes on; the promises hold after each.

stage     one case: a folder of books, a child that is hurt at a named place, and what is looked at afterwards
witness   a paid agent that writes down each call in a file of its own
prepared  folders of books in which a run has come just so far, made once and copied for each case
"""
