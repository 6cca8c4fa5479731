"""The application of a visit: who applies, what is stated, what is signed. The shell around `rvw.domain.application`."""
