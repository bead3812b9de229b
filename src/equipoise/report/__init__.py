"""From results to what people read: tables, figures, the flow of participants, documents."""
