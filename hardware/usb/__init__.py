"""What is plugged into USB: read strictly, judged by a list, watched for those that change their face."""
