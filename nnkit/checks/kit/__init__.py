"""What all exercises share: running an attempt beside the solution, and naming its mistake."""
