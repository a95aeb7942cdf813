"""Builds the door service from the configuration; the only room that knows every room of the door."""

from controller.assembly.run import run_door
from controller.assembly.service import DoorService

__all__ = ["DoorService", "run_door"]
