"""The interface for programs: the same questions and steps as on the pages, by token, described as OpenAPI."""
