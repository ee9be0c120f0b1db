"""Results on their way out: lines of a result file in other formats, as files that appear whole."""
