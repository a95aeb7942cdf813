"""`python -m tests.benchmarks.bare_sense PORT CYCLE`: nfcpy's own `sense` of the bridge's targets on a serial
port, CYCLE seconds apart, like the bridge's polls; a line for each new card."""

import sys
import threading
import time

import nfc
import nfc.clf.pn532
import nfc.clf.transport


def main() -> None:
    cycle = float(sys.argv[2])
    frontend = nfc.ContactlessFrontend()
    frontend.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(sys.argv[1]))
    print("ready", flush=True)
    pause, there = threading.Event(), False
    while True:
        began = time.monotonic()
        try:
            target = frontend.sense(nfc.clf.RemoteTarget("212F"), nfc.clf.RemoteTarget("106A"), iterations=1)
        except OSError:  # on a busy machine the chip's answer comes after the 100 ms that nfcpy waits
            continue
        if target is not None and not there:
            print(bytes(target.sensf_res[1:9]).hex(), flush=True)
        there = target is not None
        pause.wait(max(0.0, cycle - (time.monotonic() - began)))


if __name__ == "__main__":
    main()
