"""The matrix of ``make faults``: every fault, what the validator makes of it with repairs on and with repairs off."""
