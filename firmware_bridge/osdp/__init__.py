"""The bridge for readers on an RS-485 line that speak OSDP (IEC 60839-11-5), by libosdp's control panel.

OSDP's own terms are used only here: control panel (us), peripheral (the reader), command, reply, SCBK.
"""
