"""THE FIELD TECHNICIAN's command line, and every other command: each verb starts one room."""
