"""Steps of a site that are asked for on a page of their own: what is asked, and the step that is made of it."""
