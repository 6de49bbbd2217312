"""A bot that caches every market it has ever seen: so many MiB a minute, given as its argument."""
import sys
import time

cache = {}
per_second = int(sys.argv[1]) * 1024 * 1024 // 60
while True:
    cache[len(cache)] = bytearray(b"m") * per_second
    time.sleep(1)
