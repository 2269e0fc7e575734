"""The HTTP API of the control plane (see `app.create_app`)."""
