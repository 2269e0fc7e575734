"""What the operating system and the interpreter give: sockets, files, the state folder, the collector."""
