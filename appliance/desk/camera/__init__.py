"""The document camera: live picture, stillness, the sharpest of several frames; plays a feeder to the batch."""
