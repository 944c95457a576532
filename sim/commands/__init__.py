"""One function a command; heavy modules are imported inside, so that Tab and --help are quick."""
