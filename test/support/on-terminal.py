"""Runs a program on a terminal of its own, as a test tells it line by line on standard input.

  on-terminal.py COLUMNS ROWS PROGRAM ARGUMENT...

  resize COLUMNS ROWS | type TEXT (with \\xNN) | signal NUMBER

What the program prints goes to standard output. At its end a last line on standard error: exit STATUS.
"""
import fcntl, os, pty, select, struct, sys, termios

columns, rows, *argv = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]


def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


ready, go = os.pipe()
pid, master = pty.fork()
if pid == 0:
    os.read(ready, 1)
    os.execvp(argv[0], argv)
resize(master, columns, rows)
os.write(go, b"x")
commands = b""
inputs = [master, 0]
while True:
    readable, _, _ = select.select(inputs, [], [])
    if master in readable:
        try:
            text = os.read(master, 65536)
        except OSError:
            text = b""
        if not text:
            break
        os.write(1, text)
    if 0 in readable:
        part = os.read(0, 4096)
        if not part:
            inputs.remove(0)
        commands += part
        while b"\n" in commands:
            line, commands = commands.split(b"\n", 1)
            word, *rest = line.decode().split(" ")
            if word == "resize":
                resize(master, int(rest[0]), int(rest[1]))
            elif word == "type":
                os.write(master, " ".join(rest).encode().decode("unicode_escape").encode())
            elif word == "signal":
                os.kill(pid, int(rest[0]))
_, ended = os.waitpid(pid, 0)
code = os.WEXITSTATUS(ended) if os.WIFEXITED(ended) else -os.WTERMSIG(ended)
sys.stderr.write(f"exit {code}\n")
