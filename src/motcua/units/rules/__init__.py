"""What the directory decides: values, forms of codes, the national package, the directory itself. All pure."""
