"""What all explorables share: their controls, how answers travel, the widget, the drawing."""
