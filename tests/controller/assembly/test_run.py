import sys

from controller.assembly.run import keep_turns_short


def test_waiting_thread_gets_the_interpreter_within_a_millisecond():
    usual = sys.getswitchinterval()
    try:
        keep_turns_short()
        assert sys.getswitchinterval() <= 0.001
    finally:
        sys.setswitchinterval(usual)
