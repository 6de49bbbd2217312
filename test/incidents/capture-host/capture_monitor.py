"""Watches captures, and keeps every frame's metadata for ever: so many MiB a minute, given as its argument."""
import sys
import time

frames = []
per_second = int(sys.argv[1]) * 1024 * 1024 // 60
while True:
    frames.append(bytearray(b"x") * per_second)
    time.sleep(1)
