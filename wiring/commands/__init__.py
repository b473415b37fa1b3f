"""What the command line can be asked for. A command takes the parsed arguments and gives its exit code.

making    make, sample, resume: the commands that make a book
runs      runs, show, similar, logs, prune: what became of books
program   plan, agents, serve, health, config, check, new-agent: the program itself
store     the folder of books that a command is about
"""
