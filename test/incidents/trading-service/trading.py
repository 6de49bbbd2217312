"""A trading service: MiB of state at once, then MiB of order books a minute. It keeps them all, or as many MiB of the
newest as the third argument says. Usage: trading.py STATE A-MINUTE [KEPT]"""
import collections
import sys
import time

mib = 1024 * 1024
state = bytearray(b"s") * (int(sys.argv[1]) * mib)
per_second = int(sys.argv[2]) * mib // 60
kept = int(sys.argv[3]) * mib // per_second if len(sys.argv) > 3 else None
books = collections.deque(maxlen=kept)
while True:
    books.append(bytearray(b"b") * per_second)
    time.sleep(1)
