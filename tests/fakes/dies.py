"""A process that the kernel ends in the middle, as it ends one that takes too much memory."""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
