int scale(float x) { return (int)(2 * x); }
