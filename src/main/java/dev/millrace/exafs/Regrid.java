package dev.millrace.exafs;

/** placeholder until core delivers */
final class Regrid {
    private Regrid() {}
    static double[] onto(double[] k, double[] chi, KGrid grid) { throw new UnsupportedOperationException(); }
}
