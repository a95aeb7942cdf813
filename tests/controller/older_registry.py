"""An earlier state of a registry, put back as somebody with a copy of the files would."""

import shutil
from pathlib import Path

from controller.services.site import Site


class EarlierRegistry:
    """The registry as it is when this is created."""

    def __init__(self, site: Site, folder: Path) -> None:
        self._file = site.registry.file
        self._folder = folder
        folder.mkdir()
        for part in self._parts():
            if part.exists():
                shutil.copy2(part, folder / part.name)

    def restore_files(self) -> None:
        """In place of the present files; a -shm is never put back."""
        for part in self._parts():
            part.unlink(missing_ok=True)
        self._file.with_name(f"{self._file.name}-shm").unlink(missing_ok=True)
        for part in self._parts():
            if (self._folder / part.name).exists():
                copy = part.with_name(f"{part.name}.copy")
                shutil.copy2(self._folder / part.name, copy)
                copy.replace(part)

    def _parts(self) -> tuple[Path, Path]:
        return self._file.with_name(f"{self._file.name}-wal"), self._file
