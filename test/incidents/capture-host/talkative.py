"""A service that logs as the capture host did: 1 MiB a second, for ever."""
import os
import time

while True:
    for _ in range(100):
        print("frame", os.urandom(5000).hex(), flush=True)
    time.sleep(1)
