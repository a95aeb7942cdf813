"""One file for each kind of hardware; the only folder that knows gpiozero."""
