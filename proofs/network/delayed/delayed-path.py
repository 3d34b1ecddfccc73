"""Carries IP packets between two TUN devices, each so many seconds late: kernels without `tc netem` have no slow path of their own.

delayed-path.py <device> <device> <seconds>    prints a line when both devices are there, and runs until it is ended
"""

import fcntl
import heapq
import os
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_WITHOUT_PACKET_INFO = 0x0001 | 0x1000


def open_device(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN_WITHOUT_PACKET_INFO))
    return device


one, other = (open_device(name) for name in sys.argv[1:3])
delay = float(sys.argv[3])
opposite = {one: other, other: one}
late = []
count = 0
print("ready", flush=True)

while True:
    wait = max(0, late[0][0] - time.monotonic()) if late else None
    try:
        readable, _, _ = select.select([one, other], [], [], wait)
        for device in readable:
            count += 1
            heapq.heappush(late, (time.monotonic() + delay, count, opposite[device], os.read(device, 65536)))
        while late and late[0][0] <= time.monotonic():
            _, _, device, packet = heapq.heappop(late)
            os.write(device, packet)
    except OSError:
        pass  # a device that is not up yet, or has gone
