"""`genkan` whose door refuses nobody because the disk of a busy machine is slow."""

from controller.commands.program import Program
from controller.main import main
from tests.patience import PATIENT

if __name__ == "__main__":
    main(program=Program("tests.scenarios.patient_program", PATIENT))
