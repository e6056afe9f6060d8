"""CITY HALL: intake, mail, office and switchboard. Intake and office share the mail shelf and nothing else."""
