"""What a cost and usage report is: its columns, how it is read, how it writes times. For all parts of AWS alike."""
