"""A storm of urgent calls on the whole product, its processes killed and its database restarted."""
