"""Models behind lazy adapters: a file is loaded at first use, once a process."""
