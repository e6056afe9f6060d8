"""The room in the DMZ that hears the buses: keyless, it verifies, holds, numbers and countersigns."""
