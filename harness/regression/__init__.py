"""Our own scores against those accepted before; papers play no part."""
